"""The counters of releases and unlock codes, moved by conditional UPDATEs with the lines that keep them.

They move after the counters of their ticket types, in key order: who moves a ticket type's row holds it until the
commit, so nobody meets another at its releases. `ticketing.steps` calls these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from orders.errors import CounterBroken
from orders.models import OrderItem
from ticketing.pricing import current
from ticketing.pricing.errors import ReleaseShort, UnlockUsedUp
from ticketing.pricing.models import TicketRelease, UnlockCode
from trufan.lib.errors import Detail

Items = Sequence[OrderItem]


def reserved(items: Items, now: datetime) -> None:
    """These lines are held. Raises `ReleaseShort` or `UnlockUsedUp`, with a detail for each line that is short."""
    _move_releases(_kept(items, "release"), items, now)
    _move_codes(_kept(items, "unlock"), items)


def released(items: Items, now: datetime) -> None:
    """What these lines held is let go."""
    _move_releases(_negative(_kept(items, "release")), items, now)
    _move_codes(_negative(_kept(items, "unlock")), items)


def reheld(before: Items, after: Items, now: datetime) -> None:
    """An order was changed: only the differences move. Raises as `reserved`."""
    releases, codes = _kept(after, "release"), _kept(after, "unlock")
    releases.subtract(_kept(before, "release"))
    codes.subtract(_kept(before, "unlock"))
    _move_releases(releases, after, now)
    _move_codes(codes, after)


def sold(items: Items, now: datetime) -> None:
    """What these lines held is bought."""
    for release_id, count in sorted(_kept(items, "release").items()):
        rows = TicketRelease.objects.filter(pk=release_id, held__gte=count)
        if not rows.update(held=F("held") - count, sold=F("sold") + count):
            raise CounterBroken


def returned(taken: Iterable[tuple[OrderItem, int]]) -> None:
    """So many tickets of each line were taken back: they can be had again at the price they were sold at.

    A code stays used, as a promo code does.
    """
    counts: Counter[UUID] = Counter()
    for item, count in taken:
        if "release" in item.options:
            counts[UUID(item.options["release"])] += count
    for release_id, count in sorted(counts.items()):
        if not TicketRelease.objects.filter(pk=release_id, sold__gte=count).update(sold=F("sold") - count):
            raise CounterBroken


def _kept(items: Items, name: str) -> Counter[UUID]:
    counts: Counter[UUID] = Counter()
    for item in items:
        if name in item.options:
            counts[UUID(item.options[name])] += item.quantity
    return counts


def _negative(counts: Counter[UUID]) -> Counter[UUID]:
    return Counter({key: -count for key, count in counts.items()})


def _move_releases(counts: Counter[UUID], items: Items, now: datetime) -> None:
    short = []
    for release_id, more in sorted(counts.items()):
        rows = TicketRelease.objects.filter(pk=release_id)
        if more < 0:
            if not rows.filter(held__gte=-more).update(held=F("held") + more):
                raise CounterBroken
        elif more and not rows.filter(Q(quantity=None) | Q(quantity__gte=F("held") + F("sold") + more)).update(
            held=F("held") + more
        ):
            short.append(release_id)
    if short:
        raise _release_short(short, items, now)


def _move_codes(counts: Counter[UUID], items: Items) -> None:
    short = []
    for code_id, more in sorted(counts.items()):
        rows = UnlockCode.objects.filter(pk=code_id)
        if more < 0:
            if not rows.filter(used__gte=-more).update(used=F("used") + more):
                raise CounterBroken
        elif more and not rows.filter(Q(max_uses=None) | Q(max_uses__gte=F("used") + more)).update(
            used=F("used") + more
        ):
            short.append(code_id)
    if short:
        details = _details(items, "unlock", dict.fromkeys(short, UnlockUsedUp.message), UnlockUsedUp.code)
        raise UnlockUsedUp(details=details)


def _release_short(ids: Sequence[UUID], items: Items, now: datetime) -> ReleaseShort:
    found = TicketRelease.objects.select_related("ticket_type__event__venue").in_bulk(ids)
    # One that was deleted meanwhile has no words of its own.
    said = dict.fromkeys(ids, ReleaseShort.message)
    said |= {pk: current.how_short(row.ticket_type, row, row.left or 0, now) for pk, row in found.items()}
    details = _details(items, "release", said, ReleaseShort.code)
    return ReleaseShort(said[ids[0]] if len(ids) == 1 else None, details=details)


def _details(items: Items, name: str, said: dict[UUID, str], code: str) -> list[Detail]:
    keyed = sorted((item.position, UUID(item.options[name])) for item in items if name in item.options)
    return [Detail(f"items[{position}].quantity", code, said[key]) for position, key in keyed if key in said]
