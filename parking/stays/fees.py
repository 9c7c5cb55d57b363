"""What a stay costs, what of that is paid, and what is due: arithmetic over its snapshot of tariff and multiplier.

P(t) is the price by the tariff from the stay's beginning to t; it never falls. All amounts here are in minor units,
before validation, fees and tax, which `billing.py` puts on them.

- Without `expires_at` the stay costs P(now), and P(now) less what was paid is due.
- Prepaid or reserved, it costs P(expires_at) and nothing more until the lot's grace after that is over; then it costs
  `overstay_percent` of P(now) - P(expires_at) on top.
- What staff set is the whole price. With a lost ticket it is at least the lot's price for that.

Since every step is a difference of the same P, steps add up to what one payment would have been.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext_noop

from events.models import Event
from parking.booking.reckoning import parts_of, windows
from parking.lots.models import ParkingLot
from parking.rates.fee import EventWindow, Fee, fee
from parking.rates.tariff import parse
from parking.stays.models import ParkingCharge, ParkingSession
from trufan.lib.money import share, show

Kind, Status = ParkingCharge.Kind, ParkingCharge.Status
#: P: what the stay costs by the tariff until a moment.
Prices = Callable[[datetime], Fee]
#: One percent, in millionths.
_PERCENT = 10_000
#: What staying on costs at least, in percent of the tariff: never less than extending in time.
_AT_LEAST = 100
#: Events that were read for many stays at once, and how far from a stay one may be that has a price of its own in it.
_READ_AHEAD, _FARTHEST = "_shows_read_ahead", timedelta(days=1)
#: Part of a charge that is for overstaying.
OVERSTAY = "overstay"


@dataclass(frozen=True)
class Settled:
    """What the charges of a stay that were ever paid came to; tips are none of it.

    `price`: of the tariff, whatever of it went back as a kindness. `kept`: the same less what went back. `sold`: with
    what its reservation was bought for. `overstay`: of the price, for staying beyond the present `expires_at`.
    """

    price: int
    kept: int
    sold: int
    overstay: int
    covered_until: datetime | None


@dataclass(frozen=True)
class Due:
    """What is due at a moment. `amount` of `price` is still to be paid, and `parts` add up to it.

    `owed`: the same, if there were no grace to leave after paying. `covers_until`: up to when the amount pays.
    """

    amount: int
    price: int
    paid: int
    parts: tuple[dict[str, Any], ...]
    kind: str
    covers_until: datetime
    owed: int


def begins_at(session: ParkingSession) -> datetime:
    """From when the stay is charged: coming before a reservation's beginning costs nothing."""
    return session.reservation.starts_at if session.reservation else session.started_at


def price(session: ParkingSession, until: datetime) -> Fee:
    """What the tariff asks for the stay from its beginning until then. No query, or one where events have a price."""
    return _prices(session, until)(until)


def due(session: ParkingSession, now: datetime) -> Due:
    """What is to be paid at `now`; of a stay that is over, at its end. One query, two where events have a price."""
    moment = min(now, session.ended_at) if session.ended_at else now
    settled = settled_of(session)
    if session.status == ParkingSession.Status.VOID:
        return Due(0, 0, settled.sold, (), Kind.STAY, moment, 0)
    asked = _asked(session, settled, moment)
    is_free_to_leave = session.leave_by is not None and moment <= session.leave_by
    if is_free_to_leave or not asked.owed:
        return Due(0, asked.price, asked.paid, (), asked.kind, asked.covers_until, asked.owed)
    return asked


def extension(session: ParkingSession, until: datetime, now: datetime) -> Due:
    """What staying until `until` costs beyond what is covered, asked for in time; the stay owes no overstay."""
    settled = settled_of(session)
    if session.price_set is not None:
        return replace(_set_price(session, settled, until), kind=Kind.EXTENSION)
    at = _prices(session, until)
    whole, covered = at(until), _covered(session, settled, at)
    parts = (*parts_of(whole), *_less(covered, "Covered already"))
    return _due(max(whole.amount - covered, 0), whole.amount, settled.sold, parts, Kind.EXTENSION, until)


def read_ahead(stays: Sequence[ParkingSession], now: datetime) -> None:
    """Fetch for many stays of one lot what `due` asks for each: two queries, and it asks none of these any more."""
    prefetch_related_objects(stays, "charges")
    priced = [stay for stay in stays if stay.tariff.get("event") and stay.event is None]
    if priced:
        first = min(begins_at(stay) for stay in priced) - _FARTHEST
        last = max(filter(None, (now, *(stay.expires_at for stay in priced)))) + _FARTHEST
        shows = list(_published(priced[0].lot, first, last))
        for stay in priced:
            setattr(stay, _READ_AHEAD, shows)


def settled_of(session: ParkingSession) -> Settled:
    """What was paid for the stay; one query, none where its charges were read ahead."""
    expires = session.expires_at
    total = kept = extended = overstay = 0
    covered: datetime | None = None
    for charge in session.charges.all():
        if charge.status not in (Status.PAID, Status.REFUNDED) or charge.kind == Kind.TIP:
            continue
        kind, amount, paid, gone = charge.kind, charge.price, charge.amount_total, charge.amount_refunded
        until, parts = charge.covers_until, charge.parts
        total += amount
        kept += amount - (share(amount, gone * 1_000_000 // paid) if paid else 0)
        extended += amount if kind == Kind.EXTENSION else 0
        covered = max(filter(None, (covered, until)), default=None)
        if expires is not None and until is not None and until > expires:
            overstay += overstay_in(parts)
    booked = session.reservation
    # An extension of a reservation is in the reservation's own price.
    sold = total if booked is None else booked.price + total - extended
    return Settled(total, kept, sold, overstay, covered)


def overstay_in(parts: Sequence[dict[str, Any]]) -> int:
    """How much of a charge is for overstaying."""
    return sum(part["amount"] for part in parts if part["kind"] == OVERSTAY)


def overstays_from(session: ParkingSession) -> datetime | None:
    """When overstaying begins to cost; None for a stay without an end."""
    if session.expires_at is None:
        return None
    return session.expires_at + timedelta(minutes=session.lot.overstay_grace_minutes)


def percent(session: ParkingSession) -> int:
    """What overstaying costs, in percent of the tariff."""
    return max(session.overstay_percent, _AT_LEAST)


def _prices(session: ParkingSession, latest: datetime) -> Prices:
    """P of the stay, for moments up to `latest`: tariff and events are read once."""
    begins, zone = begins_at(session), session.lot.venue.zone
    tariff, events = parse(session.tariff), _events(session, begins, latest)

    def at(until: datetime) -> Fee:
        ends = max(until, begins)
        return fee(tariff, begins, ends, zone, multiplier_ppm=session.multiplier_ppm, events=events)

    return at


def _asked(session: ParkingSession, settled: Settled, moment: datetime) -> Due:
    if session.price_set is not None:
        return _set_price(session, settled, moment)
    asked = _open_ended(session, settled, moment) if session.expires_at is None else _fixed(session, settled, moment)
    return _at_least_for_lost_ticket(session, asked) if session.is_ticket_lost else asked


def _set_price(session: ParkingSession, settled: Settled, moment: datetime) -> Due:
    """What staff said it costs in all, less what was paid and not given back."""
    whole, until = session.price_set or 0, max(filter(None, (session.expires_at, moment)))
    words = {"kind": "set", "words": gettext_noop("Price set by staff"), "amount": whole}
    parts = (words, *_less(settled.kept, gettext_noop("Paid before")))
    return _due(max(whole - settled.kept, 0), whole, settled.kept, parts, Kind.STAY, until)


def _open_ended(session: ParkingSession, settled: Settled, moment: datetime) -> Due:
    whole = price(session, moment)
    parts = (*parts_of(whole), *_less(settled.price, gettext_noop("Paid before")))
    return _due(max(whole.amount - settled.price, 0), whole.amount, settled.price, parts, Kind.STAY, moment)


def _fixed(session: ParkingSession, settled: Settled, moment: datetime) -> Due:
    """Prepaid or reserved: what of the time until `expires_at` was never paid, and what overstaying costs."""
    expires = session.expires_at or moment
    at = _prices(session, max(expires, moment))
    parts: tuple[dict[str, Any], ...] = ()
    base = 0
    if not _is_covered(session, settled):
        whole = at(expires)
        base = max(whole.amount - settled.price, 0)
        parts = (*parts_of(whole), *_less(settled.price, gettext_noop("Paid before"))) if base else ()
    beyond = _overstay(session, settled, moment, at)
    if beyond:
        parts += (_overstay_words(session, beyond),)
    kind, until = (Kind.OVERSTAY, moment) if beyond else (Kind.STAY, max(expires, moment))
    return _due(base + beyond, settled.sold + base + beyond, settled.sold, parts, kind, until)


def _overstay(session: ParkingSession, settled: Settled, moment: datetime, at: Prices) -> int:
    begins = overstays_from(session)
    if begins is None or session.expires_at is None or moment <= begins:
        return 0
    more = at(moment).amount - at(session.expires_at).amount
    return max(share(more, percent(session) * _PERCENT) - settled.overstay, 0)


def _at_least_for_lost_ticket(session: ParkingSession, asked: Due) -> Due:
    least = (session.lot.lost_ticket_price or 0) - asked.paid
    if least <= asked.owed:
        return asked
    more = least - asked.owed
    words = {
        "kind": "lost_ticket",
        "words": f"Lost ticket: at least {show(session.lot.lost_ticket_price or 0, session.currency)}",
        "amount": more,
    }
    return _due(least, asked.paid + least, asked.paid, (*asked.parts, words), Kind.LOST_TICKET, asked.covers_until)


def _is_covered(session: ParkingSession, settled: Settled) -> bool:
    """Whether the time until `expires_at` is paid: by the reservation, or by a charge that reaches as far."""
    if session.expires_at is None:
        return False
    if session.reservation_id is not None:
        return True
    return settled.covered_until is not None and settled.covered_until >= session.expires_at


def _covered(session: ParkingSession, settled: Settled, at: Prices) -> int:
    """What the time that is paid for costs by the tariff: overstaying that was paid counts as what it lasted."""
    if not _is_covered(session, settled):
        return settled.price
    return at(max(filter(None, (session.expires_at, settled.covered_until)))).amount


def _overstay_words(session: ParkingSession, amount: int) -> dict[str, Any]:
    return {
        "kind": OVERSTAY,
        "words": f"Stayed longer than paid for, at {percent(session)} % of the tariff",
        "amount": amount,
    }


def _less(amount: int, words: str) -> list[dict[str, Any]]:
    return [{"kind": "paid", "words": words, "amount": -amount}] if amount else []


def _due(owed: int, whole: int, paid: int, parts: Sequence[dict[str, Any]], kind: str, until: datetime) -> Due:
    return Due(owed, whole, paid, tuple(parts) if owed else (), kind, until, owed)


def _events(session: ParkingSession, begins: datetime, ends: datetime) -> list[EventWindow]:
    """The events that may have a price of their own in the stay; no query where they were read ahead."""
    ahead = getattr(session, _READ_AHEAD, None)
    if ahead is None:
        return windows(session.tariff, session.lot, begins, ends, session.event)
    return [
        EventWindow(event.name, event.doors_at, event.ends_at)
        for event in ahead
        if event.doors_at < ends + _FARTHEST and event.ends_at > begins - _FARTHEST
    ]


def _published(lot: ParkingLot, first: datetime, last: datetime) -> QuerySet[Event]:
    rows = Event.objects.published().filter(venue=lot.venue_id, doors_at__lt=last, ends_at__gt=first)
    return rows.order_by("doors_at", "pk")
