"""What each party to a payment gives to a refund of it: pure arithmetic over integers of minor units.

What goes back for a line comes from those whose line it was, in proportion to their shares of it. The rest comes from
everyone, in proportion to what the lines have left of their shares. Nobody ever gives more than it got.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from trufan.lib.money import approach

#: A recipient's account; None is the platform.
Party = UUID | None
#: Whose, and of which line; None is the whole payment.
Part = tuple[Party, UUID | None]


@dataclass(frozen=True)
class Got:
    """What a party got of the payment; `item_id` is the line it was a share of."""

    party: Party
    amount: int
    item_id: UUID | None = None


def apportion(
    amount: int,
    lines: Mapping[UUID, int],
    got: Iterable[Got],
    given: Mapping[Party, int],
    given_by_line: Mapping[Part, int],
) -> Counter[Part]:
    """The parts of a refund of `amount`, of which `lines` says what goes for which line.

    `given` is what each party gave to the refunds before, all in all; `given_by_line` what of that was for its lines.
    Raises `ValueError` where more is asked than was got.
    """
    shares = list(got)
    sums: Counter[Party] = Counter()
    for share in shares:
        sums[share.party] += share.amount
    left = {party: total - given.get(party, 0) for party, total in sums.items()}
    parts: Counter[Part] = Counter()
    for item_id in sorted(lines):
        for party, part in _of_line(item_id, lines[item_id], shares, given_by_line).items():
            if taken := min(part, left[party]):
                parts[party, item_id] += taken
                left[party] -= taken
    rest = amount - sum(parts.values())
    for party, part in _of_all(rest, sums, left, [*given_by_line.items(), *parts.items()]).items():
        parts[party, None] += part
    return +parts


def _of_line(item_id: UUID, amount: int, shares: Iterable[Got], given_by_line: Mapping[Part, int]) -> dict[Party, int]:
    """What the parties to a line give of `amount`, as far as the line brought that much."""
    weights: Counter[Party] = Counter()
    for share in shares:
        if share.item_id == item_id:
            weights[share.party] += share.amount
    parties = list(weights)
    had = [given_by_line.get((party, item_id), 0) for party in parties]
    total = min(sum(had) + amount, sum(weights.values()))
    after = approach(total, [weights[party] for party in parties], had)
    return {party: now - before for party, now, before in zip(parties, after, had, strict=True)}


def _of_all(
    amount: int, sums: Mapping[Party, int], left: Mapping[Party, int], by_line: Iterable[tuple[Part, int]]
) -> dict[Party, int]:
    """What everyone gives of `amount`; what went back for lines is no part of anyone's weight any more."""
    weights = Counter(sums)
    for (party, _), part in by_line:
        weights[party] -= part
    # The platform first: it has stood there since there were transfers.
    parties = sorted(weights, key=lambda party: (party is not None, str(party)))
    had = [weights[party] - left[party] for party in parties]
    after = approach(sum(had) + amount, [weights[party] for party in parties], had)
    return {party: now - before for party, now, before in zip(parties, after, had, strict=True)}
