"""What is asked of a whole cart of tickets: enough at the price, opened by a code, and no add-on by itself.

See `orders.cart_rules`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast
from uuid import UUID

from django.utils.translation import gettext

from orders.cart import PricedCart, PricedLine
from orders.cart_rules import Buyer, Refused, Standing
from orders.errors import NotForSale
from ticketing.models import TicketType
from ticketing.pricing import addons, current
from ticketing.pricing.choosing import own_of
from ticketing.pricing.errors import ParentNeeded, ReleaseShort, UnlockNotValid, UnlockUsedUp
from ticketing.pricing.models import TicketRelease, UnlockCode
from ticketing.pricing.unlocking import FIELD, HIDDEN, refuse_idle
from trufan.lib.errors import Detail, DomainError

_Lines = list[tuple[int, PricedLine]]


def _tickets(cart: PricedCart) -> _Lines:
    return [(at, line) for at, line in enumerate(cart.lines) if line.line.type == TicketType.sellable_type]


def _type_of(line: PricedLine) -> TicketType:
    return cast(TicketType, line.thing)


def enough_at_the_price(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterator[Refused]:
    """No more of a release than are left of it, and none of a later one while an earlier one is open.

    A gift has no price, and takes nothing of any.
    """
    by_type: defaultdict[UUID, _Lines] = defaultdict(list)
    for at, line in _tickets(cart):
        has_own_price = line.line.given or "bundle" in line.offer.keeps or _type_of(line).min_price is not None
        if not has_own_price:
            by_type[line.line.id].append((at, line))
    for lines in by_type.values():
        yield from _too_many(lines, now)


def _too_many(lines: _Lines, now: datetime) -> Iterator[Refused]:
    first = lines[0][1]
    ticket_type, own = _type_of(first), own_of(first.line, "release")
    wanted: Counter[UUID | None] = Counter()
    for _, line in lines:
        wanted[_release_of(line)] += line.line.quantity
    # What earlier releases have left: whoever wants a later price takes these first.
    earlier: list[TicketRelease] = []
    for release in [*current.in_turn(ticket_type, now, own), None]:
        key = release.pk if release else None
        left = None if release is None or release.left is None else release.left + own[release.pk]
        for at in [at for at, line in lines if _release_of(line) == key]:
            if earlier:
                yield at, _not_yet(ticket_type, earlier[0])
            elif release is not None and left is not None and wanted[key] > left:
                words = current.how_short(ticket_type, release, left, now)
                yield at, _of_quantity(ReleaseShort(words))
        if release is not None and (left is None or wanted[key] < left):
            earlier.append(release)


def _release_of(line: PricedLine) -> UUID | None:
    kept = line.offer.keeps.get("release")
    return UUID(kept) if kept else None


def _not_yet(ticket_type: TicketType, release: TicketRelease) -> DomainError:
    refusal = ReleaseShort(
        gettext("{ticket_type} is sold as {release} first.").format(ticket_type=ticket_type.name, release=release.name)
    )
    refusal.details = [refusal.at("release")]
    return refusal


def _of_quantity(refusal: DomainError) -> DomainError:
    refusal.details = [refusal.at("quantity")]
    return refusal


def opened(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterator[Refused]:
    """Hidden types are sold with a code that opens them, to who was invited, and by staff.

    What a changed order holds already stays its own.
    """
    lines = _tickets(cart)
    if codes := buyer.asks.get(FIELD):
        try:
            refuse_idle(codes, {line.line.id for _, line in lines}, now)
        except UnlockNotValid as refusal:
            yield None, refusal
            return
    if buyer.standing == Standing.PUBLIC:
        for at, line in lines:
            closed = _type_of(line).visibility == HIDDEN and "unlock" not in line.offer.keeps
            if closed and line.line.in_cart > line.line.held:
                yield (
                    at,
                    NotForSale(details=[Detail("id", NotForSale.code, gettext("There is no such thing on sale."))]),
                )
    yield from _used_up(lines)


def _used_up(lines: _Lines) -> Iterator[Refused]:
    wanted: Counter[UUID] = Counter()
    own: Counter[UUID] = Counter()
    counted = set()
    for _, line in lines:
        if "unlock" in line.offer.keeps:
            wanted[UUID(line.offer.keeps["unlock"])] += line.line.quantity
        if line.line.id not in counted:
            counted.add(line.line.id)
            own += own_of(line.line, "unlock")
    if not wanted:
        return
    found = UnlockCode.objects.in_bulk(wanted)
    for at, line in lines:
        code = found.get(UUID(line.offer.keeps["unlock"])) if "unlock" in line.offer.keeps else None
        if code is not None and code.left is not None and wanted[code.pk] > code.left + own[code.pk]:
            yield (
                at,
                _of_quantity(
                    UnlockUsedUp(
                        gettext("{code} is good for {left} more.").format(
                            code=code, left=max(code.left + own[code.pk], 0)
                        )
                    )
                ),
            )


def with_parents(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterable[Refused]:
    """Add-ons go with as many tickets that they belong to, in the cart or in the buyer's hands already."""
    lines = _tickets(cart)
    if buyer.standing == Standing.STAFF or not lines:
        return []
    those = {line.line.id for _, line in lines if _type_of(line).is_addon}
    parents = addons.parents_of(those) if those else {}
    if not parents:
        return []
    wanted: Counter[UUID] = Counter()
    for _, line in lines:
        wanted[line.line.id] += line.line.quantity
    has = addons.holdings(buyer, parents, lock=placing)
    return [
        (at, _of_quantity(ParentNeeded(_words(_type_of(line), parents[line.line.id]))))
        for at, line in lines
        if line.line.id in parents
        and wanted[line.line.id] + has[line.line.id] > sum(wanted[pk] + has[pk] for pk in parents[line.line.id])
    ]


def _words(addon: TicketType, parents: dict[UUID, str]) -> str:
    names = " or ".join(sorted(parents.values()))
    return gettext("{name} is sold only with as many of {names}.").format(name=addon.name, names=names)
