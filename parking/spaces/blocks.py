"""Spaces that nobody gets for a while: works, deliveries, the artist's coaches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from audit.trail import record
from parking.lots.models import ParkingCapacity, ParkingLot
from parking.spaces import taking
from parking.spaces.models import SpaceUse
from trufan.lib.errors import Detail, Invalid, Missing

BLOCK = SpaceUse.Purpose.BLOCK
#: A clock that is a little behind ours blocks from now.
SLACK = timedelta(minutes=5)
LONGEST = timedelta(days=3650)
_LONGEST_REASON = 200
BATCH = 500


def block(
    capacity: ParkingCapacity,
    by: Any,
    now: datetime,
    *,
    ends_at: datetime,
    reason: str,
    quantity: int = 1,
    starts_at: datetime | None = None,
) -> SpaceUse:
    """Block so many spaces of a kind, from now unless `starts_at` is given: they are neither sold nor driven on.

    What is promised stays promised: raises `NoSpace` where so many are not free for the whole of it, and `Invalid`.
    """
    begins = max(starts_at or now, now)
    _refuse(starts_at, begins, ends_at, now, quantity, reason)
    with transaction.atomic():
        held = taking.lock_one(capacity.pk)
        use = taking.take(held, begins, ends_at, BLOCK, now, quantity=quantity, reason=reason.strip())
        said = {"kind": held.kind, "quantity": quantity, "starts_at": begins, "ends_at": ends_at, "reason": use.reason}
        record("parking_lot.spaces_blocked", held.lot, new={**said, "block": use.pk}, actor=by)
    return use


def lift(use: SpaceUse, by: Any, now: datetime) -> None:
    """The spaces are free again from now on. Lifted or over already: nothing changes."""
    with transaction.atomic():
        held = taking.lock_one(use.capacity_id)
        fresh = SpaceUse.objects.filter(pk=use.pk, purpose=BLOCK).first()
        if fresh is None:
            raise Missing
        if not fresh.is_active:
            return
        taking.end(fresh, now)
        said = {"kind": held.kind, "quantity": fresh.quantity, "ends_at": use.ends_at, "block": fresh.pk}
        record("parking_lot.spaces_unblocked", held.lot, old=said, actor=by)


def live(lot: ParkingLot, now: datetime) -> QuerySet[SpaceUse]:
    """The blocks of a lot that are not over, with their kinds, soonest first."""
    rows = SpaceUse.objects.filter(capacity__lot=lot, purpose=BLOCK, is_active=True, ends_at__gt=now)
    return rows.select_related("capacity").order_by("starts_at", "pk")


def end_past(now: datetime) -> int:
    """The sweep `parking.blocks`: blocks whose time is over are no longer read by any count; returns how many."""
    past = SpaceUse.objects.filter(purpose=BLOCK, is_active=True, ends_at__lte=now).order_by("ends_at")
    ids = list(past.values_list("pk", flat=True)[:BATCH])
    return SpaceUse.objects.filter(pk__in=ids, is_active=True).update(is_active=False) if ids else 0


def _refuse(
    starts_at: datetime | None, begins: datetime, ends_at: datetime, now: datetime, quantity: int, reason: str
) -> None:
    problems = []
    if starts_at is not None and starts_at < now - SLACK:
        problems.append(Detail("starts_at", "in_the_past", gettext("This is over.")))
    if ends_at <= begins:
        problems.append(Detail("ends_at", "not_after_start", gettext("It ends after it starts, and after now.")))
    elif ends_at - begins > LONGEST:
        problems.append(Detail("ends_at", "too_long", gettext("At most {days} days.").format(days=LONGEST.days)))
    if quantity < 1:
        problems.append(Detail("quantity", "too_small", gettext("At least one.")))
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        problems.append(
            Detail(
                "reason",
                "required",
                gettext("Say why, in at most {LONGEST_REASON} characters.").format(LONGEST_REASON=_LONGEST_REASON),
            )
        )
    if problems:
        raise Invalid(problems[0].message if len(problems) == 1 else None, details=problems)
