"""Kernels over a solved state: one extra seat at every class in turn, and any additions once."""

from __future__ import annotations

from admissions.matching.book import Book, Ints, State, Work
from admissions.matching.kernels import inlined, kernel
from admissions.matching.solved_state import add_seat, rotate


@kernel
def extra_seat_everywhere(entry: Ints, book: Book, state: State, work: Work, better: Ints, placed: Ints) -> None:
    """One seat more at class ``entry[p]``, for every p, each undone again: applicants better off and newly placed.

    Better off counts persons whose granted row improved: a new seat group on the same row is no gain. ``work`` fresh.
    """
    seats_in_turn(entry, book, state, work, better, placed)


@inlined
def seats_in_turn(entry: Ints, book: Book, state: State, work: Work, better: Ints, placed: Ints) -> None:
    """Do the work of :func:`extra_seat_everywhere`; draws copy it into their loop."""
    row, indptr, cur, moves, seen, log = book.row, book.indptr, state.cur, work.moves, work.seen, work.log
    seen[:] = 0
    work.stamp[:] = 0
    tick = 0
    for p in range(entry.size):
        moved, logged, new = add_seat(int(entry[p]), book, state, work, 0)
        if moved > 0:
            moved, logged, tick = rotate(book, state, work, logged, 0, moved, tick)
        gained = 0
        for k in range(moved):
            i = moves[k, 0]
            if seen[i] != p + 1:
                seen[i] = p + 1
                before = moves[k, 1]
                if row.size == 0 or before == indptr[i + 1] or row[before] != row[cur[i]]:
                    gained += 1
        better[p] = gained
        placed[p] = new
        for k in range(moved - 1, -1, -1):
            cur[moves[k, 0]] = moves[k, 1]
        for k in range(logged - 1, -1, -1):
            state.nxt[log[k, 0]] = log[k, 1]


@kernel
def add_seats(chosen: Ints, book: Book, state: State, work: Work, settle_each: bool, after: Ints) -> int:
    """Add one seat to each class of ``chosen`` in turn and keep the result; count of moves.

    ``settle_each``: carry out rotations after every seat (else once, at the end); ``after[k]`` is then the count of
    moves once seat k has settled.
    """
    tick = 0
    moved = 0
    done = 0
    for k in range(chosen.size):
        moved, _, _ = add_seat(int(chosen[k]), book, state, work, moved)
        if settle_each or k == chosen.size - 1:
            moved, _, tick = rotate(book, state, work, 0, done, moved, tick)
            done = moved
        after[k] = moved
    return moved
