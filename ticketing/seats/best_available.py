"""Which free seats are the best for so many people. Pure functions; the same question has the same answer.

The best block is one in which nobody has a restricted view, then one that leaves no single free seat alone beside it,
then the one nearest the stage, then the first in the order of the map. Wheelchair places and the seats of those who
come with them are given to who asks for them. Where nobody can sit together it is as few pieces as there can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from itertools import islice, pairwise
from typing import NamedTuple

from ticketing.seats.layout import Layout, Segment

#: Of how many places to begin at, when people are spread over several pieces.
ANCHORS = 5
#: Of how many free runs nearest to such a place the other pieces are, as far as these are large enough.
NEAR = 128
_RUN = re.compile(b"\x01+")


class Run(NamedTuple):
    """Free neighbours: the positions from `start` up to, not with, `end`."""

    start: int
    end: int


def best_available(
    count: int, layout: Layout, free: bytes, *, accessible: bool = False, together: bool = False
) -> tuple[int, ...] | None:
    """The positions of `count` seats, in the order of the map; None where there are none.

    `free` has a 1 for each seat that can be had. `accessible`: one wheelchair place, and beside it the rest of the
    people. `together`: one block or nothing.
    """
    if count < 1:
        return None
    if accessible:
        return _with_wheelchair(count, layout, free, together)
    # One AND of two long numbers: twenty thousand seats at once.
    ordinary = _both(free, layout.ordinary)
    block = _one_block(count, layout, ordinary)
    if block is not None:
        return tuple(range(block, block + count))
    return None if together else _pieces(count, layout, ordinary)


def _both(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) & int.from_bytes(other)).to_bytes(len(one))


# -- One block --


def _one_block(count: int, layout: Layout, free: bytes) -> int | None:
    """Where the best block starts. Rows that can't be nearer than what was found are not looked at."""
    best: tuple[int, int, int, int] | None = None
    wanted = b"\x01" * count
    for segment in layout.segments_by_nearness:
        if best is not None and best[:2] == (0, 0) and segment.nearest * count > best[2]:
            break
        if free.find(wanted, segment.start, segment.end) < 0:
            continue
        for run in _runs(free, segment):
            found = _best_of(run, count, layout)
            if found is not None and (best is None or found < best):
                best = found
    return None if best is None else best[3]


def _best_of(run: Run, count: int, layout: Layout) -> tuple[int, int, int, int] | None:
    """The best block of a run: (restricted views, seats left alone, distance, start)."""
    best = None
    for start in range(run.start, run.end - count + 1):
        restricted, distance = layout.cost(start, start + count)
        alone = (start - run.start == 1) + (run.end - start - count == 1)
        found = restricted, alone, distance, start
        if best is None or found < best:
            best = found
    return best


def _runs(free: bytes, segment: Segment) -> Iterator[Run]:
    for found in _RUN.finditer(free, segment.start, segment.end):
        yield Run(*found.span())


# -- Several pieces --


def _pieces(count: int, layout: Layout, free: bytes) -> tuple[int, ...] | None:
    """As few pieces as there can be, near one another, begun at one of the best places."""
    runs = [run for segment in layout.segments_by_nearness for run in _runs(free, segment)]
    by_size = sorted(runs, key=_size, reverse=True)
    sizes = [_size(run) for run in by_size]
    fewest = _how_many(count, sizes)
    if fewest is None:
        return None
    anchors = (run for run in runs if _size(run) + _largest(sizes, _size(run), fewest - 1) >= count)
    found = []
    for anchor in islice(anchors, ANCHORS):
        near = nsmallest(NEAR, runs, key=lambda run: (_between(anchor, run, layout), run))
        spread = _spread(anchor, count, fewest, sorted({*near, *by_size[:fewest]}), layout)
        seats = tuple(sorted(at for run in spread for at in range(run.start, run.end)))
        costs = [layout.cost(at, at + 1) for at in seats]
        found.append(((sum(bad for bad, _ in costs), _apart(spread, layout), sum(far for _, far in costs)), seats))
    return min(found)[1]


def _how_many(count: int, sizes: Sequence[int]) -> int | None:
    """How many of the largest runs it takes."""
    for number, size in enumerate(sizes, start=1):
        count -= size
        if count <= 0:
            return number
    return None


def _spread(anchor: Run, count: int, pieces: int, runs: Sequence[Run], layout: Layout) -> list[Run]:
    """The anchor and the runs nearest to it that make `pieces` of them enough, cut to what is needed.

    `runs` hold the largest there are, and with them the anchor is enough.
    """
    others = sorted((run for run in runs if run != anchor), key=lambda run: (_between(anchor, run, layout), run))
    chosen, left = [anchor], count - _size(anchor)
    while left > 0:
        after = pieces - len(chosen) - 1
        sizes = sorted((_size(run) for run in others), reverse=True)
        # The nearest that still leaves a way to seat the rest in the pieces that remain.
        found = next(run for run in others if _size(run) + _largest(sizes, _size(run), after) >= left)
        others.remove(found)
        chosen.append(found)
        left -= _size(found)
    return _cut(chosen, -left, layout)


def _largest(sizes: Sequence[int], but: int, number: int) -> int:
    """What the `number` largest hold together when one of size `but` is left out; `sizes` fall."""
    if number <= 0:
        return 0
    is_among_them = len(sizes) <= number or but >= sizes[number - 1]
    return sum(sizes[: number + 1]) - but if is_among_them else sum(sizes[:number])


def _cut(chosen: list[Run], spare: int, layout: Layout) -> list[Run]:
    """What is too much goes from the last piece: of it the best block stays."""
    *whole, last = chosen
    best = _best_of(last, _size(last) - spare, layout)
    return whole if best is None else [*whole, Run(best[3], best[3] + _size(last) - spare)]


def _size(run: Run) -> int:
    return run.end - run.start


def _between(one: Run, other: Run, layout: Layout) -> int:
    """How far the middles of two runs are apart, in centimetres, squared."""
    a, b = layout.spots[(one.start + one.end) // 2], layout.spots[(other.start + other.end) // 2]
    return round(10_000 * ((a.x - b.x) ** 2 + (a.y - b.y) ** 2))


def _apart(runs: Sequence[Run], layout: Layout) -> int:
    return sum(_between(runs[0], run, layout) for run in runs[1:])


# -- With a wheelchair --


def _with_wheelchair(count: int, layout: Layout, free: bytes, together: bool) -> tuple[int, ...] | None:
    """A wheelchair place, those who come with it beside it, and the others as near as can be."""
    places = sorted((at for at in layout.companions if free[at]), key=lambda at: (layout.distance[at], at))
    found = [_judged(at, _beside(at, count, layout, free), layout, free) for at in places]
    if not together and not any(each and each[0][0] == 0 for each in found):
        found += [_judged(at, _around(at, count, layout, free), layout, free) for at in places[:ANCHORS]]
    return min((each for each in found if each), default=(None, None))[1]


def _judged(
    place: int, seats: tuple[int, ...] | None, layout: Layout, free: bytes
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The seats behind what speaks against them, what weighs most first."""
    if seats is None:
        return None
    own = {at for at in layout.companions[place] if free[at]}
    missing = min(len(seats) - 1, len(own)) - len(own.intersection(seats))
    # One who comes alone leaves the pairs to those who come in two.
    spoilt = len(own.difference(seats)) if len(seats) == 1 else 0
    costs = [layout.cost(at, at + 1) for at in seats]
    return (missing, _breaks(seats, layout), sum(bad for bad, _ in costs), spoilt, sum(far for _, far in costs)), seats


def _beside(place: int, count: int, layout: Layout, free: bytes) -> tuple[int, ...] | None:
    """The best block with the place in it: with most of its companions' seats, then as any block."""
    segment, own = layout.segment_of[place], layout.companions[place]
    blocks = [
        range(start, start + count)
        for start in range(max(segment.start, place - count + 1), min(place, segment.end - count) + 1)
    ]
    open_to_them = [block for block in blocks if all(free[at] and _may_sit(at, place, layout) for at in block)]
    return min(
        (tuple(block) for block in open_to_them),
        key=lambda block: (-len(set(own).intersection(block)), *layout.cost(block[0], block[-1] + 1), block[0]),
        default=None,
    )


def _around(place: int, count: int, layout: Layout, free: bytes) -> tuple[int, ...] | None:
    """The place, its companions' seats, and the ordinary free seats nearest to it."""
    here, own = layout.spots[place], layout.companions[place]

    def away(at: int) -> tuple[bool, float, int]:
        spot = layout.spots[at]
        return at not in own, (spot.x - here.x) ** 2 + (spot.y - here.y) ** 2, at

    others = [at for at in range(len(layout)) if free[at] and at != place and _may_sit(at, place, layout)]
    if len(others) < count - 1:
        return None
    return tuple(sorted([place, *nsmallest(count - 1, others, key=away)]))


def _may_sit(at: int, place: int, layout: Layout) -> bool:
    """Whether a seat is for the company of who takes the wheelchair place."""
    return bool(layout.ordinary[at]) or at == place or at in layout.companions[place]


def _breaks(seats: Sequence[int], layout: Layout) -> int:
    """How often the company is parted by an aisle, a row or somebody else's seat."""
    return sum(b - a != 1 or layout.segment_of[a] != layout.segment_of[b] for a, b in pairwise(seats))
