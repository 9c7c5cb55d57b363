"""What of an order a refund gives back, line by line and rate by rate: pure arithmetic over minor units.

Each credit note continues where the last one ended, so that together they come to exactly the order's own lines and
tax once everything has gone back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trufan.lib.money import allot


def spread(amount: int, left: Mapping[str, int], asked: Mapping[str, int]) -> dict[str, int]:
    """What of `amount` goes back on which part: first what was `asked` for, then all in proportion to what is `left`.

    No part gets more than is left of it, as long as `amount` is no more than all that is left; what would be beyond
    that is on no part. Parts that get nothing are absent.
    """
    wanted = {part: min(value, left[part]) for part, value in asked.items()}
    if sum(wanted.values()) > amount:
        return _only_some(dict(zip(wanted, allot(amount, list(wanted.values())), strict=True)))
    rest = {part: value - wanted.get(part, 0) for part, value in left.items()}
    more = min(amount - sum(wanted.values()), sum(rest.values()))
    parts = dict(zip(rest, allot(more, list(rest.values())), strict=True)) if more else {}
    return _only_some({part: wanted.get(part, 0) + parts.get(part, 0) for part in left})


def due_of(whole: int, total: int, before: int, now: int) -> int:
    """The part of `whole` (a tax) in `now` of `total`, after `before` of it had gone: exact once all has gone."""
    return _up_to(whole, total, before + now) - _up_to(whole, total, before)


def _up_to(whole: int, total: int, gone: int) -> int:
    return (2 * whole * gone + total) // (2 * total) if total else 0


def add_up(rows: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Name → sum, in the order of their first appearance."""
    sums: dict[str, int] = {}
    for name, amount in rows:
        sums[name] = sums.get(name, 0) + amount
    return sums


def _only_some(parts: dict[str, int]) -> dict[str, int]:
    return {part: amount for part, amount in parts.items() if amount}
