"""A solved market taken up again: one seat more or less without solving anew.

Adding: the vacancy chain from the new seat gives a stable matching, but not always the one best for the applicants
(Blum, Roth and Rothblum 1997): a freed competitor can open a swap cycle that no vacancy touches. So the cycles among
applicants who would gain (rotations, Irving and Leather 1986) are carried out until none is left; any new one passes
through a row that a moved applicant preferred to the former seat. Removing: deferred acceptance simply goes on
with the displaced, because any order of proposals gives the same result (McVitie and Wilson 1971).
"""

from __future__ import annotations

import numpy as np

from admissions.matching.book import SLOT, Book, Ints, State, Work
from admissions.matching.kernels import inlined, kernel


@kernel
def take_up(book: Book, capacity: Ints, state: State) -> int:
    """Fill worst, nxt and left from ``cur``; -1 if stable, else the first class overfull or wrongly refusing."""
    indptr, record, start, fallback = book.indptr, book.record, book.start, book.fallback
    cur, worst, nxt, left = state.cur, state.worst, state.nxt, state.left
    for c in range(capacity.size):
        worst[c] = -1
        nxt[c] = start[c + 1]
        left[c] = capacity[c]
    for c in range(fallback.size):
        if fallback[c] >= 0:
            left[fallback[c]] += capacity[c]
    for i in range(cur.size):
        held = np.int64(cur[i])
        for e in range(indptr[i], held):
            c = (record[e] >> 32) & SLOT
            nxt[c] = min(nxt[c], record[e] & SLOT)
        if held < indptr[i + 1]:
            c = (record[held] >> 32) & SLOT
            worst[c] = max(worst[c], record[held] & SLOT)
            left[c] -= 1
            if fallback.size > 0 and fallback[c] >= 0:
                left[fallback[c]] -= 1
    for c in range(capacity.size):
        if left[c] < 0 or nxt[c] < worst[c] or (left[c] > 0 and nxt[c] < start[c + 1]):
            return c
    return -1


@inlined
def first_envious(c: int, start: Ints, at: Ints, owner: Ints, cur: Ints, nxt: Ints, log: Ints, logged: int) -> int:
    """Move ``nxt[c]`` to the first row whose applicant would rather be in class ``c``; count of logged moves."""
    before = nxt[c]
    g = np.int64(before)
    end = np.int64(start[c + 1])
    while g < end:
        e = at[g]
        if e < cur[owner[e]]:
            break
        g += 1
    if g != before:
        log[logged, 0] = c
        log[logged, 1] = before
        logged += 1
        nxt[c] = g
    return logged


@inlined
def add_seat(c: int, book: Book, state: State, work: Work, moved: int) -> tuple[int, int, int]:
    """Follow the vacancy chain from a new seat of class ``c``: (moves, logged, newly placed 0 or 1)."""
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    owner, fallback, cur, nxt = book.owner, book.fallback, state.cur, state.nxt
    log, moves = work.log, work.moves
    logged = 0
    placed = 0
    while True:
        logged = first_envious(c, start, at, owner, cur, nxt, log, logged)
        g = nxt[c]
        if g == start[c + 1]:
            if fallback.size == 0 or fallback[c] < 0:
                break
            c = int(fallback[c])  # the seat stays empty here and reverts
            continue
        e = at[g]
        i = owner[e]
        old = cur[i]
        moves[moved, 0] = i
        moves[moved, 1] = old
        moved += 1
        cur[i] = e
        if old == indptr[i + 1]:
            placed = 1
            break
        c = (record[old] >> 32) & SLOT
    return moved, logged, placed


@inlined
def next_class(a: int, book: Book, state: State) -> int:
    """Find the class that would lose a row to a vacancy in ``a``, -1 if none; ``nxt[a]`` must be up to date.

    A class is followed by the one its first envious applicant would leave; a reverting group nobody envies by its
    pool's reverted seats.
    """
    g = state.nxt[a]
    if g == book.start[a + 1]:
        return int(book.fallback[a]) if book.fallback.size > 0 else -1
    i = book.owner[book.at[g]]
    e = state.cur[i]
    return -1 if e == book.indptr[i + 1] else int((book.record[e] >> 32) & SLOT)


@inlined
def rotate(book: Book, state: State, work: Work, logged: int, done: int, moved: int, tick: int) -> tuple[int, int, int]:
    """Carry out every rotation the moves from ``done`` on have opened: (moves, logged, tick).

    ``work.stamp`` is at most ``tick`` everywhere.
    """
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    owner, fallback, cur, nxt = book.owner, book.fallback, state.cur, state.nxt
    log, moves, stamp, path = work.log, work.moves, work.stamp, work.path
    k = done
    base = tick + 1
    while k < moved:
        again = False
        for e in range(indptr[moves[k, 0]], moves[k, 1]):
            tick += 1
            a = int((record[e] >> 32) & SLOT)
            length = 0
            while a >= 0 and stamp[a] < base:
                stamp[a] = tick
                path[length] = a
                length += 1
                logged = first_envious(a, start, at, owner, cur, nxt, log, logged)
                g = nxt[a]
                if g == start[a + 1]:
                    a = int(fallback[a]) if fallback.size > 0 else -1
                else:
                    i = owner[at[g]]
                    f = cur[i]
                    a = -1 if f == indptr[i + 1] else int((record[f] >> 32) & SLOT)
            if a >= 0 and stamp[a] == tick:
                first = length - 1
                while path[first] != a:
                    first -= 1
                # nobody is first in two classes of a cycle, and nxt stays put until all have moved
                for s in range(first, length):
                    g = nxt[path[s]]
                    if g < start[path[s] + 1]:
                        f = at[g]
                        i = owner[f]
                        moves[moved, 0] = i
                        moves[moved, 1] = cur[i]
                        moved += 1
                        cur[i] = f
                again = True
                break
        if again:
            base = tick + 1  # forget where the walks have been and look again from the first move
            k = done
        else:
            k += 1
    return moved, logged, tick


@kernel
def remove_seat(c: int, book: Book, state: State, moves: Ints) -> int:
    """Take one seat from class ``c``, which must have one, and let the displaced propose on; count of moves.

    Keeps ``cur``, ``worst`` and ``left``, not ``nxt``.
    """
    indptr, record, start, at, fallback = book.indptr, book.record, book.start, book.at, book.fallback
    cur, worst, left = state.cur, state.worst, state.left
    while left[c] > 0:  # an empty seat goes; if it had reverted, a reverted seat goes
        left[c] -= 1
        if fallback.size == 0 or fallback[c] < 0:
            return 0
        c = int(fallback[c])
    moved = 0
    while True:
        # class c is one over: its worst row is displaced
        out = at[worst[c]]
        g = np.int64(worst[c]) - 1
        while g >= start[c] and cur[book.owner[at[g]]] != at[g]:
            g -= 1
        worst[c] = g if g >= start[c] else -1
        i = book.owner[out]
        end = indptr[i + 1]
        moves[moved, 0] = i
        moves[moved, 1] = out
        moved += 1
        e = np.int64(out) + 1
        settled = False
        while e < end:
            c = int((record[e] >> 32) & SLOT)
            g = record[e] & SLOT
            if left[c] > 0:
                worst[c] = max(worst[c], g)
                left[c] -= 1
                settled = fallback.size == 0 or fallback[c] < 0
                if not settled:
                    c = int(fallback[c])
                    settled = left[c] > 0
                    left[c] = max(left[c] - 1, 0)
                break
            if g < worst[c]:
                break
            e += 1
        cur[i] = e
        if settled or e == end:
            return moved


@kernel
def swap_cycle(book: Book, state: State, stamp: Ints) -> int:
    """Find a class on a rotation the state still allows, or -1: then it is the best stable one for all applicants.

    ``stamp`` is zeroed and int64 a class.
    """
    for c in range(stamp.size):
        a = c
        while a >= 0 and stamp[a] == 0:
            stamp[a] = c + 1
            a = next_class(a, book, state)
        if a >= 0 and stamp[a] == c + 1:
            return a
    return -1


@kernel
def held_copies(book: Book, choice: Ints, group: Ints, cur: Ints) -> int:
    """Fill ``cur`` from granted rows and groups; the first applicant whose grant is none of theirs, or -1."""
    indptr, row = book.indptr, book.row
    for i in range(cur.size):
        end = indptr[i + 1]
        held = end
        if choice[i] != -1:
            if row.size == 0:
                held = choice[i]
                if held < indptr[i] or held >= end or group[i] != -1:
                    return i
            else:
                held = indptr[i]
                while held < end and (row[held] != choice[i] or book.group[book.classes[held]] != group[i]):
                    held += 1
                if held == end:
                    return i
        cur[i] = held
    return -1
