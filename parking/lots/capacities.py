"""How many spaces of which kind a lot has, and what they cost where that is not what the others do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from parking.errors import SpacesInUse
from parking.lots import writing
from parking.lots.models import ParkingCapacity, ParkingLot, SpaceKind
from parking.lots.readiness import missing, refuse_lacking
from parking.rates import tariff as tariffs
from parking.spaces import counting, taking
from trufan.lib.errors import DomainError, Invalid

#: More than any car park has.
MOST = 100_000


def put(
    lot: ParkingLot, kind: str, by: Any, now: datetime, *, spaces: int, tariff: dict[str, Any] | None = None
) -> ParkingCapacity:
    """Say how many spaces of a kind a lot has, the first time or anew; `tariff` None: it stays as it is.

    Raises `Invalid`, `SpacesInUse`, and `LotNotReady` where an open lot would be left without any space.
    """
    if kind not in SpaceKind.values:
        raise Invalid.field("kind", f"Say {', '.join(SpaceKind.values)}.", "invalid_choice")
    given = {"spaces": spaces, **({} if tariff is None else {"tariff": tariff})}
    with transaction.atomic():
        held = writing.locked(lot)
        known = ParkingCapacity.objects.filter(lot=held, kind=kind).first()
        if known is not None:
            return _change(known, by, now, given)
        _refuse(given)
        return writing.add(ParkingCapacity(lot=held, kind=kind), by, given, "parking_capacity.created", _not_taken)


def change(capacity: ParkingCapacity, by: Any, now: datetime, **fields: Any) -> ParkingCapacity:
    """Change `spaces` or `tariff` ({}: the lot's). Raises what `put` raises."""
    with transaction.atomic():
        writing.locked(capacity.lot)
        return _change(capacity, by, now, fields)


def _change(capacity: ParkingCapacity, by: Any, now: datetime, fields: dict[str, Any]) -> ParkingCapacity:
    """The caller holds the lot, so that what it lacks does not change under two hands."""
    _refuse(fields)
    row = taking.lock_one(capacity.pk)
    lacked = missing(row.lot)
    changes = writing.set_fields(row, fields)
    if "spaces" in changes:
        _refuse_fewer(row, now)
    writing.save(row, by, changes, "parking_capacity.changed", _not_taken)
    refuse_lacking(row.lot, lacked)
    return row


def _refuse(fields: dict[str, Any]) -> None:
    if not 0 <= fields.get("spaces", 0) <= MOST:
        raise Invalid.field("spaces", f"From 0 to {MOST:,}.")
    if fields.get("tariff", {}) != {}:
        tariffs.parse(fields["tariff"], "tariff")


def _refuse_fewer(capacity: ParkingCapacity, now: datetime) -> None:
    """Never fewer than are taken at any moment from now on."""
    most = counting.most(capacity, now)
    if capacity.spaces < most:
        raise SpacesInUse(
            gettext("{most} {kind} spaces are reserved, taken or blocked at one time.").format(
                most=most, kind=capacity.get_kind_display()
            ),
            promised=most,
        )


def _not_taken(capacity: ParkingCapacity) -> DomainError | None:
    return None
