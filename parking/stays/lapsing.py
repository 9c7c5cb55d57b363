"""Extensions that nobody paid: the sweep `parking.unpaid_extensions` frees what was held for them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from parking.spaces.models import SpaceUse
from parking.stays import covering, opening
from parking.stays.models import ParkingCharge, ParkingSession
from payments.errors import PaymentInProgress
from payments.pauses import each

BATCH = 200


def give_up_unpaid(now: datetime) -> int:
    """Free spaces whose hold ran out, and give up extensions that came to nothing; returns how many charges.

    Until its time is over an extension may still be paid, where the space is free.
    """
    lapsed = SpaceUse.objects.filter(purpose=SpaceUse.Purpose.HOLD, is_active=True, held_until__lte=now)
    over = Q(covers_until__lte=now) | ~Q(session__status=ParkingSession.Status.ACTIVE)
    unpaid = ParkingCharge.objects.filter(
        Q(pk__in=lapsed.values("item_id")) | over,
        kind=ParkingCharge.Kind.EXTENSION,
        status=ParkingCharge.Status.PENDING,
    )
    return each(list(unpaid.values_list("pk", flat=True)[:BATCH]), partial(_give_up, now=now))


def _give_up(charge_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        rows = ParkingCharge.objects.select_for_update(of=("self",), skip_locked=True).select_related("session")
        charge = rows.filter(pk=charge_id, status=ParkingCharge.Status.PENDING).first()
        if charge is None or charge.session is None or charge.covers_until is None:
            return False
        if charge.covers_until > now and charge.session.status == ParkingSession.Status.ACTIVE:
            covering.release(charge, now)
            return True
        try:
            with transaction.atomic():
                opening.cancel(charge, now)
        except PaymentInProgress:
            # Its answer, or the provider's silence, will be heard of first.
            return False
    return True
