"""Validation: an outlet's promo code pays a part of a stay.

`PromoUse` records what an order used. A stay is no order, so the stay itself is the record (`ParkingSession.promo`),
and the code's own counter, `used`, is moved by the same conditional UPDATE: the total limit holds over orders and stays
together, and the row stays locked until the commit, so that of one person one at a time is counted. A code counts for
the stay whether it then takes much off or little, and is given back when another takes its place before it was used.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from audit.trail import record
from orders.errors import PromoUsedUp
from orders.promos import applying, uses
from orders.promos.models import PromoCode, PromoUse
from parking.errors import SessionOver, ValidationRefused
from parking.stays import covering, opening
from parking.stays.models import ParkingCharge, ParkingSession
from venues.models import FeeRule

_PARKING = FeeRule.Kind.PARKING
_KINDS = (PromoCode.Kind.PARKING, PromoCode.Kind.PERCENT, PromoCode.Kind.FIXED)


def validate(session: ParkingSession, code: str, *, by: Any, now: datetime) -> ParkingSession:
    """Let the code pay a part of the stay, of what is charged from now on; the stay.

    One answer for every code that pays nothing here, `ValidationRefused`, so that nothing is told to guessers. Said
    again it changes nothing; another code takes its place unless the first one paid already. Raises `SessionOver`.
    """
    stay = session
    with transaction.atomic():
        standing = ParkingCharge.objects.select_for_update(of=("self",)).filter(session=session.pk, status="pending")
        unpaid = standing.exclude(kind=ParkingCharge.Kind.TIP).first()
        stay = opening.lock_session(session.pk)
        if stay.status != ParkingSession.Status.ACTIVE:
            raise SessionOver
        promo = _find(stay, code, now)
        if stay.promo_id == promo.pk:
            return stay
        old = _give_up(stay)
        if unpaid is not None:
            # It is opened anew at the lower price.
            opening.cancel(unpaid, now)
        _take(promo, old, stay)
        covering.write(stay, promo=promo)
        record("parking_session.validated", stay, new={"promo": promo.pk}, actor=by)
    return stay


def _find(stay: ParkingSession, code: str, now: datetime) -> PromoCode:
    found = applying.find(stay.lot.venue_id, [code], now)
    if not found.codes:
        raise _refused()
    promo = found.codes[0]
    # An outlet's code is given out by the outlet: that it is for the outlet's own sales alone does not count here.
    belongs_to = frozenset(filter(None, (stay.event_id, promo.outlet_id)))
    is_for_parking = promo.kind == PromoCode.Kind.PARKING or promo.item_type == _PARKING
    if promo.kind not in _KINDS or not is_for_parking or not promo.is_for(_PARKING, belongs_to):
        raise _refused()
    return promo


def _give_up(stay: ParkingSession) -> UUID | None:
    """The code that the new one replaces. One that paid already stays, and no other is taken beside it."""
    if stay.promo is None:
        return None
    if ParkingCharge.objects.filter(session=stay, promo_code=stay.promo.code, paid_at__isnull=False).exists():
        raise _refused()
    return stay.promo_id


def _take(promo: PromoCode, old: UUID | None, stay: ParkingSession) -> None:
    uses.lock({promo.pk, *([old] if old else [])})
    try:
        uses.count(promo)
    except PromoUsedUp:
        raise _refused() from None
    if _person_is_through(promo, stay):
        raise _refused()
    if old is not None:
        uses.give_back([old])


def _person_is_through(promo: PromoCode, stay: ParkingSession) -> bool:
    """Whether one account, address, number or car has used it as often as one may, in carts and on lots together."""
    if promo.per_person_limit is None:
        return False
    email = (stay.contact_email or (stay.user.email if stay.user else "")).lower()
    person = Q(pk=None)
    for name, value in (
        ("user", stay.user_id),
        ("contact_email", email),
        ("contact_phone", stay.contact_phone),
        ("plate_key", stay.plate_key),
    ):
        if value:
            person |= Q(**{name: value})
    stays = ParkingSession.objects.filter(person, promo=promo).exclude(pk=stay.pk).count()
    held = [PromoUse.Status.HELD, PromoUse.Status.USED]
    carts = PromoUse.objects.filter(uses.of_person(stay.user_id, email), promo=promo, status__in=held).count()
    return stays + carts >= promo.per_person_limit


def _refused() -> ValidationRefused:
    refusal = ValidationRefused()
    refusal.details = [refusal.at("promo_code")]
    return refusal
