"""what the office works with: answers and calls, comparisons, departures, retention

Revision: 0002; after: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')
SEAT_IN_USE = "outcome IN ('open', 'accepted')"
CALL_COUNTS = "outcome <> 'withdrawn'"


def upgrade() -> None:
    op.add_column('run', sa.Column('rows_root', TEXT, nullable=True))
    op.add_column('intake', sa.Column('retention', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('run', sa.Column('continues', TEXT, nullable=True))
    op.add_column('import_batch', sa.Column('forms', sa.JSON(), nullable=True))
    op.drop_table('call_entry')  # no version wrote to it; it comes back with its seat and its guards
    op.create_table('call_entry',
    sa.Column('id', TEXT, nullable=False),
    sa.Column('run_id', TEXT, nullable=False),
    sa.Column('applicant', TEXT, nullable=False),
    sa.Column('route_id', TEXT, nullable=False),
    sa.Column('pool', TEXT, nullable=False),
    sa.Column('seat', sa.BigInteger(), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=False),
    sa.Column('called_by', TEXT, nullable=False),
    sa.Column('outcome', TEXT, nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', TEXT, nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("outcome IN ('open', 'accepted', 'declined', 'no_answer', 'expired', 'withdrawn')", name=op.f('ck_call_entry_outcome')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_call_entry_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_entry'))
    )
    op.create_index('uq_call_entry_run_id_route_id_applicant', 'call_entry', ['run_id', 'route_id', 'applicant'], unique=True, sqlite_where=sa.text(CALL_COUNTS), postgresql_where=sa.text(CALL_COUNTS))
    op.create_index('uq_call_entry_run_id_pool_seat_in_use', 'call_entry', ['run_id', 'pool', 'seat'], unique=True, sqlite_where=sa.text(SEAT_IN_USE), postgresql_where=sa.text(SEAT_IN_USE))
    op.create_table('departure',
    sa.Column('intake_id', TEXT, nullable=False),
    sa.Column('applicant', TEXT, nullable=False),
    sa.Column('kind', TEXT, nullable=False),
    sa.Column('route_id', TEXT, nullable=True),
    sa.Column('noted_on', TEXT, nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('noted_by', TEXT, nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('no_show', 'left', 'elsewhere')", name=op.f('ck_departure_kind')),
    sa.ForeignKeyConstraint(['intake_id', 'applicant'], ['applicant.intake_id', 'applicant.applicant'], name=op.f('fk_departure_intake_id_applicant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', name=op.f('pk_departure'))
    )
    op.create_table('comparison',
    sa.Column('id', TEXT, nullable=False),
    sa.Column('run_id', TEXT, nullable=False),
    sa.Column('kind', TEXT, nullable=False),
    sa.Column('file_name', TEXT, nullable=False),
    sa.Column('file_digest', TEXT, nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('totals', sa.JSON(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_by', TEXT, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('persons', 'routes')", name=op.f('ck_comparison_kind')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_comparison_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comparison'))
    )
    op.create_index('ix_comparison_run_id_created_at', 'comparison', ['run_id', 'created_at'], unique=False)

    # scenarios and what the planners' tools worked out
    op.add_column('scenario', sa.Column('shared', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        'analysis',
        sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('kind', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
        sa.Column('run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
        sa.Column('scenario_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
        sa.Column('parameters', sa.JSON(), nullable=False),
        sa.Column('about', sa.JSON(), nullable=True),
        sa.Column('job_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('scenario', 'seat_values', 'package', 'forecast')", name=op.f('ck_analysis_kind')),
        sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_analysis_intake_id')),
        sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_analysis_run_id')),
        sa.ForeignKeyConstraint(['scenario_id'], ['scenario.id'], name=op.f('fk_analysis_scenario_id')),
        sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_analysis_job_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_analysis')),
    )
    op.create_index('ix_analysis_kind_created_at', 'analysis', ['kind', 'created_at'], unique=False)
    op.create_index('ix_analysis_run_id', 'analysis', ['run_id'], unique=False)
    op.create_index('ix_analysis_scenario_id', 'analysis', ['scenario_id'], unique=False)
    op.create_table(
        'analysis_table',
        sa.Column('analysis_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('position', sa.BigInteger(), nullable=False),
        sa.Column('rows', sa.BigInteger(), nullable=False),
        sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['analysis_id'], ['analysis.id'], name=op.f('fk_analysis_table_analysis_id')),
        sa.PrimaryKeyConstraint('analysis_id', 'name', name=op.f('pk_analysis_table')),
    )
    op.create_table('lottery_list',
    sa.Column('intake_id', TEXT, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('ids_digest', TEXT, nullable=False),
    sa.Column('commitment', TEXT, nullable=False),
    sa.Column('ids', sa.BigInteger(), nullable=False),
    sa.Column('created_by', TEXT, nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_lottery_list_intake_id')),
    sa.PrimaryKeyConstraint('intake_id', 'number', name=op.f('pk_lottery_list'))
    )
    op.create_table('lottery_id',
    sa.Column('intake_id', TEXT, nullable=False),
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('applicant', TEXT, nullable=False),
    sa.ForeignKeyConstraint(['intake_id', 'number'], ['lottery_list.intake_id', 'lottery_list.number'], name=op.f('fk_lottery_id_intake_id_number')),
    sa.PrimaryKeyConstraint('intake_id', 'number', 'applicant', name=op.f('pk_lottery_id')),
    sa.UniqueConstraint('intake_id', 'applicant', name=op.f('uq_lottery_id_intake_id_applicant'))
    )


def downgrade() -> None:
    pass

    op.drop_table('analysis_table')
    op.drop_table('analysis')
    op.drop_column('scenario', 'shared')
    op.drop_column('intake', 'retention')
    op.drop_column('run', 'rows_root')
