"""first schema

Revision: 0001; after: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_event',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('kind', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('actor', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('object_type', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('object_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('payload_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('previous', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_event')),
    sa.UniqueConstraint('digest', name=op.f('uq_audit_event_digest'))
    )
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.create_index('ix_audit_event_actor', ['actor'], unique=False)
        batch_op.create_index('ix_audit_event_object_type_object_id', ['object_type', 'object_id'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('seal', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('idempotency_key',
    sa.Column('user_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('fingerprint', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('status', sa.BigInteger(), nullable=True),
    sa.Column('body', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('etag', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('location', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'key', name=op.f('pk_idempotency_key'))
    )
    op.create_table('job',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('kind', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('lock_key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('state', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('progress_done', sa.BigInteger(), nullable=False),
    sa.Column('progress_total', sa.BigInteger(), nullable=False),
    sa.Column('progress_note', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('problem', sa.JSON(), nullable=True),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('worker', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f('ck_job_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_state_created_at', ['state', 'created_at'], unique=False)
        batch_op.create_index('uq_job_lock_key_open', ['lock_key'], unique=True, sqlite_where=sa.text("state IN ('queued', 'running')"), postgresql_where=sa.text("state IN ('queued', 'running')"))

    op.create_table('rulebook',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('text', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rulebook')),
    sa.UniqueConstraint('digest', name=op.f('uq_rulebook_digest'))
    )
    op.create_table('sign_in_attempt',
    sa.Column('state_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('nonce', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('verifier', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('return_to', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('state_digest', name=op.f('pk_sign_in_attempt'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('issuer', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('subject', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_user_account_issuer_subject'))
    )
    op.create_table('audit_payload',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('body', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('erase_after', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['number'], ['audit_event.number'], name=op.f('fk_audit_payload_number')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_payload'))
    )
    with op.batch_alter_table('audit_payload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_payload_erase_after'), ['erase_after'], unique=False)

    op.create_table('grant_of_role',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('user_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('role', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('scope_kind', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('scope_value', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("scope_kind IN ('all', 'organiser', 'school', 'municipality')", name=op.f('ck_grant_of_role_scope_kind')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_grant_of_role_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grant_of_role')),
    sa.UniqueConstraint('user_id', 'role', 'scope_kind', 'scope_value', name=op.f('uq_grant_of_role_user_id_role_scope_kind_scope_value'))
    )
    op.create_table('intake',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('rulebook_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('windows', sa.JSON(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['rulebook_id'], ['rulebook.id'], name=op.f('fk_intake_rulebook_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intake')),
    sa.UniqueConstraint('name', name=op.f('uq_intake_name'))
    )
    op.create_table('token',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('user_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('permissions', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_token_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_token_digest'))
    )
    op.create_table('user_session',
    sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('user_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_session_user_id')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_user_session'))
    )
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.create_index('ix_user_session_user_id', ['user_id'], unique=False)

    op.create_table('applicant',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('alias', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('protected', sa.Boolean(), nullable=False),
    sa.Column('home_municipality', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('birth_year', sa.BigInteger(), nullable=True),
    sa.Column('flags', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('sending_school', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_applicant_intake_id')),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', name=op.f('pk_applicant')),
    sa.UniqueConstraint('intake_id', 'alias', name=op.f('uq_applicant_intake_id_alias'))
    )
    with op.batch_alter_table('applicant', schema=None) as batch_op:
        batch_op.create_index('ix_applicant_intake_id_sending_school', ['intake_id', 'sending_school'], unique=False)

    op.create_table('delegation',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('organiser', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('reference', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('recorded_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_delegation_intake_id')),
    sa.PrimaryKeyConstraint('intake_id', 'organiser', name=op.f('pk_delegation'))
    )
    op.create_table('import_batch',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('file_name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('file_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('content_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('base_revision', sa.BigInteger(), nullable=False),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('difference', sa.JSON(), nullable=False),
    sa.Column('problems', sa.JSON(), nullable=False),
    sa.Column('problem_count', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('committed_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('committed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('refused', 'checked', 'committed', 'discarded')", name=op.f('ck_import_batch_state')),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_import_batch_intake_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch'))
    )
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.create_index('ix_import_batch_intake_id_created_at', ['intake_id', 'created_at'], unique=False)

    op.create_table('pool',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('pool_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('municipality', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('school', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('organiser', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_pool_intake_id')),
    sa.PrimaryKeyConstraint('intake_id', 'pool_id', name=op.f('pk_pool'))
    )
    op.create_table('round',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('date', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('published_run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_round_intake_id')),
    sa.PrimaryKeyConstraint('intake_id', 'name', name=op.f('pk_round'))
    )
    op.create_table('seat_change',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('seat_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('pool_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('round', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.Column('after', sa.JSON(), nullable=True),
    sa.Column('changed_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_seat_change_intake_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat_change'))
    )
    with op.batch_alter_table('seat_change', schema=None) as batch_op:
        batch_op.create_index('ix_seat_change_intake_id_seat_id', ['intake_id', 'seat_id'], unique=False)

    op.create_table('answer',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('round', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('answer', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('route_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('answered_at', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['intake_id', 'applicant'], ['applicant.intake_id', 'applicant.applicant'], name=op.f('fk_answer_intake_id_applicant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', 'round', name=op.f('pk_answer'))
    )
    op.create_table('applicant_identity',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('kind', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('lookup_key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['intake_id', 'applicant'], ['applicant.intake_id', 'applicant.applicant'], name=op.f('fk_applicant_identity_intake_id_applicant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', name=op.f('pk_applicant_identity')),
    sa.UniqueConstraint('intake_id', 'lookup_key', name=op.f('uq_applicant_identity_intake_id_lookup_key'))
    )
    op.create_table('case_decision',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('route_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('kind', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('value', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('decided_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['intake_id', 'applicant'], ['applicant.intake_id', 'applicant.applicant'], name=op.f('fk_case_decision_intake_id_applicant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', 'number', name=op.f('pk_case_decision'))
    )
    with op.batch_alter_table('case_decision', schema=None) as batch_op:
        batch_op.create_index('ix_case_decision_intake_id_route_id', ['intake_id', 'route_id'], unique=False)

    op.create_table('grade_sheet',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('term', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('marks', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['intake_id', 'applicant'], ['applicant.intake_id', 'applicant.applicant'], name=op.f('fk_grade_sheet_intake_id_applicant'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', 'term', name=op.f('pk_grade_sheet'))
    )
    op.create_table('route',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('route_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('municipality', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('school', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('school_unit_code', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('organiser', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('organiser_form', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('route_code', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('route_name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('programme', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('mode', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('pool', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('test_rule', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('reception', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('prerequisite', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('closed_at', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('sort_key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['intake_id', 'pool'], ['pool.intake_id', 'pool.pool_id'], name=op.f('fk_route_intake_id_pool')),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_route_intake_id')),
    sa.PrimaryKeyConstraint('intake_id', 'route_id', name=op.f('pk_route'))
    )
    with op.batch_alter_table('route', schema=None) as batch_op:
        batch_op.create_index('ix_route_intake_id_sort_key', ['intake_id', 'sort_key'], unique=False)

    op.create_table('run',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('round', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('rulebook_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('lottery', sa.JSON(), nullable=False),
    sa.Column('base_revision', sa.BigInteger(), nullable=True),
    sa.Column('input_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('result_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('certificate', sa.JSON(), nullable=True),
    sa.Column('summary', sa.JSON(), nullable=True),
    sa.Column('job_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('corrects', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('audit_head', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('inputs_erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('draft', 'verified', 'signed_off', 'published')", name=op.f('ck_run_state')),
    sa.ForeignKeyConstraint(['corrects'], ['run.id'], name=op.f('fk_run_corrects')),
    sa.ForeignKeyConstraint(['intake_id', 'round'], ['round.intake_id', 'round.name'], name=op.f('fk_run_intake_id_round')),
    sa.ForeignKeyConstraint(['rulebook_id'], ['rulebook.id'], name=op.f('fk_run_rulebook_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run'))
    )
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.create_index('ix_run_intake_id_round_created_at', ['intake_id', 'round', 'created_at'], unique=False)

    op.create_table('seat',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('route_or_pool', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('pool_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('round', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('group', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('seats', sa.BigInteger(), nullable=False),
    sa.Column('held_outside', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('over_intake', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('changed_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('seats >= 0 AND held_outside >= 0 AND over_intake >= 0', name=op.f('ck_seat_not_negative')),
    sa.ForeignKeyConstraint(['intake_id', 'pool_id'], ['pool.intake_id', 'pool.pool_id'], name=op.f('fk_seat_intake_id_pool_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat')),
    sa.UniqueConstraint('intake_id', 'route_or_pool', 'round', 'group', name=op.f('uq_seat_intake_id_route_or_pool_round_group'))
    )
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.create_index('ix_seat_intake_id_pool_id', ['intake_id', 'pool_id'], unique=False)

    op.create_table('call_entry',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('route_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('called_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_call_entry_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_entry'))
    )
    with op.batch_alter_table('call_entry', schema=None) as batch_op:
        batch_op.create_index('ix_call_entry_run_id_route_id', ['run_id', 'route_id'], unique=False)

    op.create_table('choice',
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('route_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('rank', sa.BigInteger(), nullable=False),
    sa.Column('registered_at', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('withdrawn_at', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.ForeignKeyConstraint(['intake_id', 'applicant'], ['applicant.intake_id', 'applicant.applicant'], name=op.f('fk_choice_intake_id_applicant'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['intake_id', 'route_id'], ['route.intake_id', 'route.route_id'], name=op.f('fk_choice_intake_id_route_id')),
    sa.PrimaryKeyConstraint('intake_id', 'applicant', 'number', name=op.f('pk_choice'))
    )
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.create_index('ix_choice_intake_id_route_id', ['intake_id', 'route_id'], unique=False)

    op.create_table('run_artifact',
    sa.Column('run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('media_type', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_run_artifact_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'name', name=op.f('pk_run_artifact'))
    )
    op.create_table('run_result',
    sa.Column('run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('applicant', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('protected', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_run_result_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'applicant', name=op.f('pk_run_result'))
    )
    op.create_table('run_signature',
    sa.Column('run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('organiser', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('signer', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('delegation', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('result_digest', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_run_signature_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'organiser', name=op.f('pk_run_signature'))
    )
    op.create_table('scenario',
    sa.Column('id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('intake_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('run_id', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=True),
    sa.Column('name', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('overlay', sa.JSON(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('created_by', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['intake_id'], ['intake.id'], name=op.f('fk_scenario_intake_id')),
    sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_scenario_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scenario'))
    )
    with op.batch_alter_table('scenario', schema=None) as batch_op:
        batch_op.create_index('ix_scenario_intake_id_created_at', ['intake_id', 'created_at'], unique=False)


    op.execute("INSERT INTO audit_head (id, number, digest, seal) VALUES (1, 0, '" + '0' * 64 + "', '')")


def downgrade() -> None:
    with op.batch_alter_table('scenario', schema=None) as batch_op:
        batch_op.drop_index('ix_scenario_intake_id_created_at')

    op.drop_table('scenario')
    op.drop_table('run_signature')
    op.drop_table('run_result')
    op.drop_table('run_artifact')
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.drop_index('ix_choice_intake_id_route_id')

    op.drop_table('choice')
    with op.batch_alter_table('call_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_call_entry_run_id_route_id')

    op.drop_table('call_entry')
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.drop_index('ix_seat_intake_id_pool_id')

    op.drop_table('seat')
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_index('ix_run_intake_id_round_created_at')

    op.drop_table('run')
    with op.batch_alter_table('route', schema=None) as batch_op:
        batch_op.drop_index('ix_route_intake_id_sort_key')

    op.drop_table('route')
    op.drop_table('grade_sheet')
    with op.batch_alter_table('case_decision', schema=None) as batch_op:
        batch_op.drop_index('ix_case_decision_intake_id_route_id')

    op.drop_table('case_decision')
    op.drop_table('applicant_identity')
    op.drop_table('answer')
    with op.batch_alter_table('seat_change', schema=None) as batch_op:
        batch_op.drop_index('ix_seat_change_intake_id_seat_id')

    op.drop_table('seat_change')
    op.drop_table('round')
    op.drop_table('pool')
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index('ix_import_batch_intake_id_created_at')

    op.drop_table('import_batch')
    op.drop_table('delegation')
    with op.batch_alter_table('applicant', schema=None) as batch_op:
        batch_op.drop_index('ix_applicant_intake_id_sending_school')

    op.drop_table('applicant')
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.drop_index('ix_user_session_user_id')

    op.drop_table('user_session')
    op.drop_table('token')
    op.drop_table('intake')
    op.drop_table('grant_of_role')
    with op.batch_alter_table('audit_payload', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_payload_erase_after'))

    op.drop_table('audit_payload')
    op.drop_table('user_account')
    op.drop_table('sign_in_attempt')
    op.drop_table('rulebook')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index('uq_job_lock_key_open', sqlite_where=sa.text("state IN ('queued', 'running')"), postgresql_where=sa.text("state IN ('queued', 'running')"))
        batch_op.drop_index('ix_job_state_created_at')

    op.drop_table('job')
    op.drop_table('idempotency_key')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit_event', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_event_object_type_object_id')
        batch_op.drop_index('ix_audit_event_actor')

    op.drop_table('audit_event')
