"""Order books: every class of seats with its rows in its order of priority, in O(rows).

A *class* is what seats are given by: a pool without seat groups, one seat group, or the seats that reverting groups of
a pool leave empty. A *slot* is a place in the concatenation of all classes' orders, so that a class is a run of slots
and "the worst admitted" is a cursor that only falls. Dense ranks are scattered to their slots directly; any other
integers are radix-sorted (least significant digit first, Knuth vol. 3, 5.2.5), which is also where ties are found.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from admissions.matching.book import Book, Ints
from admissions.matching.kernels import kernel

DIGIT = 11
"""Bits per radix pass: 2,048 counters stay in the first-level cache."""
LAST = -(2**63)
"""Sign bit of a record: the applicant's list ends here."""


@kernel
def check_rows(indptr: Ints, route: Ints, n_routes: int, count: Ints, stamp: Ints) -> tuple[int, int, int]:
    """Check lists and count the rows of every route: (code, applicant, row).

    Codes: 0 sound, 1 indptr falls or leaves the rows, 2 route out of range, 3 route listed twice.
    """
    rows = route.size
    for i in range(stamp.size):
        stamp[i] = -1
    for i in range(indptr.size - 1):
        first = indptr[i]
        last = indptr[i + 1]
        if last < first or last > rows:
            return 1, i, 0
        for e in range(first, last):
            r = route[e]
            if r < 0 or r >= n_routes:
                return 2, i, e
            if stamp[r] == i:
                return 3, i, e
            stamp[r] = i
            count[r + 1] += 1
    return 0, 0, 0


@kernel
def count_classes(classes: Ints, start: Ints) -> None:
    """Add the rows of every class to ``start[class + 1]`` (int32[classes + 1], zeroed)."""
    for e in range(classes.size):
        start[classes[e] + 1] += 1


@kernel
def fill_dense(book: Book, key: Ints, bits: Ints) -> int:
    """Scatter rows whose key is their place 0, 1, ... in the class; the first row that is not dense, or -1.

    ``book.start`` holds counts in ``start[class + 1]`` and leaves as first slots; ``bits`` is zeroed.
    """
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    owner, classes = book.owner, book.classes
    for c in range(1, start.size):
        start[c] += start[c - 1]
    for i in range(indptr.size - 1):
        last = indptr[i + 1] - 1
        for e in range(indptr[i], last + 1):
            c = int(classes[e])
            k = key[e]
            first = int(start[c])
            if k < 0 or k >= start[c + 1] - first:
                return e
            g = first + k
            word = g >> 6
            mask = np.uint64(1) << np.uint64(g & 63)
            seen = bits[word]
            if seen & mask != np.uint64(0):
                return e
            bits[word] = seen | mask
            at[g] = e
            packed = (c << 32) | g
            if e == last:
                packed |= np.int64(LAST)
            record[e] = packed
            owner[e] = i
    return -1


@kernel
def radix_order(book: Book, key: Ints, low: int, width: int) -> None:
    """Sort rows stably by (class, key) into ``book.at``; ``key - low`` fits in ``width`` bits, unsigned."""
    classes, start, at = book.classes, book.start, book.at
    rows = key.size
    base = np.uint64(low)
    values = np.empty(rows, np.uint64)
    row = np.empty(rows, np.int32)
    for e in range(rows):
        values[e] = np.uint64(key[e]) - base
        row[e] = e
    other_values = np.empty(rows, np.uint64)
    other_row = np.empty(rows, np.int32)
    place = np.empty(1 << DIGIT, np.int64)
    digit = np.uint64((1 << DIGIT) - 1)
    for shift in range(0, width, DIGIT):
        by = np.uint64(shift)
        place[:] = 0
        for e in range(rows):
            place[np.int64((values[e] >> by) & digit)] += 1
        total = 0
        for d in range(place.size):
            here = int(place[d])
            place[d] = total
            total += here
        for e in range(rows):
            v = values[e]
            counter = np.int64((v >> by) & digit)
            k = place[counter]
            place[counter] = k + 1
            other_values[k] = v
            other_row[k] = row[e]
        values, other_values = other_values, values
        row, other_row = other_row, row
    head = start[:-1].copy()
    for k in range(rows):
        e = row[k]
        c = classes[e]
        at[head[c]] = e
        head[c] += 1


@kernel
def first_tie(book: Book, key: Ints) -> tuple[int, int]:
    """Find two neighbours of one class with equal keys: their rows, or (-1, -1)."""
    start, at = book.start, book.at
    for c in range(start.size - 1):
        for g in range(start[c] + 1, start[c + 1]):
            if key[at[g]] == key[at[g - 1]]:
                return at[g - 1], at[g]
    return -1, -1


@kernel
def order_by_lottery(book: Book, key: Ints, lottery: Ints) -> tuple[int, int]:
    """Order every tie block (equal ``key`` in a class) by (lottery, row): Shell's sort, gaps divided by 2.2.

    Returns two rows of different applicants that still tie, or (-1, -1); needs ``book.owner``.
    """
    start, at, owner = book.start, book.at, book.owner
    left, right = -1, -1
    for c in range(start.size - 1):
        first = int(start[c])
        end = int(start[c + 1])
        while first < end:
            stop = first + 1
            value = key[at[first]]
            while stop < end and key[at[stop]] == value:
                stop += 1
            gap = stop - first
            while gap > 1:
                gap = 1 if gap < 5 else (gap * 5 - 1) // 11
                for g in range(first + gap, stop):
                    e = at[g]
                    number = lottery[e]
                    j = g
                    while j - gap >= first:
                        f = at[j - gap]
                        if lottery[f] < number or (lottery[f] == number and f < e):
                            break
                        at[j] = f
                        j -= gap
                    at[j] = e
            for g in range(first + 1, stop):
                e, f = at[g], at[g - 1]
                if left < 0 and lottery[e] == lottery[f] and owner[e] != owner[f]:
                    left, right = int(f), int(e)
            first = stop
    return left, right


@kernel
def fill_owners(book: Book) -> None:
    """Write whose row each row is."""
    indptr, owner = book.indptr, book.owner
    for i in range(indptr.size - 1):
        for e in range(indptr[i], indptr[i + 1]):
            owner[e] = i


@kernel
def pack_records(book: Book, place: Ints) -> None:
    """Write (class, slot, last row of its list?) of every row into one int64.

    ``place`` int64[X], or empty: each row's place 0, 1, ... in its class.
    """
    indptr, record, start, at = book.indptr, book.record, book.start, book.at
    for c in range(start.size - 1):
        upper = np.int64(c) << 32
        for g in range(start[c], start[c + 1]):
            record[at[g]] = upper | np.int64(g)
            if place.size:
                place[at[g]] = g - start[c]
    for i in range(indptr.size - 1):
        if indptr[i + 1] > indptr[i]:
            record[indptr[i + 1] - 1] |= np.int64(LAST)


def key_width(key: Ints) -> tuple[int, int]:
    """Lowest key and the number of bits of the widest difference from it."""
    if not key.size:
        return 0, 0
    low, high = int(key.min()), int(key.max())
    return low, (high - low).bit_length()


def build(book: Book, key: Ints) -> tuple[int, int]:
    """Build the books of strict keys; two rows that tie, or (-1, -1). ``book.start`` comes as counts."""
    bits = np.zeros((len(book.at) >> 6) + 1, np.uint64)
    if fill_dense(book, key, bits) < 0:
        return -1, -1
    radix_order(book, key, *key_width(key))
    fill_owners(book)
    pack_records(book, np.empty(0, np.int64))
    return first_tie(book, key)


def build_drawn(book: Book, key: Ints, lottery: Ints, place: Ints) -> tuple[int, int]:
    """Build the books of keys whose ties lottery numbers break; also fills ``place``. Else as :func:`build`."""
    np.cumsum(book.start, out=book.start)
    radix_order(book, key, *key_width(key))
    fill_owners(book)
    tie = order_by_lottery(book, key, lottery)
    pack_records(book, place)
    return tie


def empty_book(indptr: Ints, classes: Ints, start: Ints, **given: Any) -> Book:
    """Return a book with room for its rows, its counts in ``start``; whatever is not given is empty."""
    rows = len(classes)
    none = np.empty(0, np.int32)
    parts: dict[str, Any] = {"row": none, "group": none, "fallback": none, "tie": np.empty(0, np.int64)} | given
    return Book(
        indptr=indptr,
        record=np.empty(rows, np.int64),
        start=start,
        at=np.empty(rows, np.int32),
        owner=np.empty(rows, np.int32),
        classes=classes,
        **parts,
    )
