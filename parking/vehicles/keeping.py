"""The vehicles that a fan keeps: at most one of them is the one that is meant when nothing is said."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from audit.trail import record
from parking.errors import TooManyVehicles, VehicleKnown
from parking.vehicles.models import Vehicle
from trufan.lib.errors import Detail, Missing

#: So many one person has at most.
MOST = 20


def add(user: Any, *, plate: str, is_default: bool | None = None, **fields: Any) -> Vehicle:
    """Keep a vehicle; the first one is the default unless told otherwise.

    `fields`: `name`, `height_cm`, `is_electric`. Raises `Invalid` for what is no plate, `VehicleKnown`,
    `TooManyVehicles`.
    """
    row = Vehicle(user=user, **fields)
    row.set_plate(plate)
    with transaction.atomic():
        mine = _hold_mine(user)
        if len(mine) >= MOST:
            raise TooManyVehicles
        _refuse_known(row, mine)
        row.is_default = not mine if is_default is None else is_default
        if row.is_default:
            _no_default(user)
        row.save(force_insert=True)
        record("vehicle.added", row, actor=user)
    return row


def change(vehicle: Vehicle, **fields: Any) -> Vehicle:
    """Change some fields; a new default takes the place of the old. Raises `Invalid`, `VehicleKnown`."""
    with transaction.atomic():
        mine = _hold_mine(vehicle.user)
        row = next((each for each in mine if each.pk == vehicle.pk), None)
        if row is None:
            raise Missing
        if "plate" in fields:
            row.set_plate(fields.pop("plate"))
            _refuse_known(row, mine)
        if fields.get("is_default"):
            _no_default(vehicle.user)
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        record("vehicle.changed", row, actor=vehicle.user)
    return row


def remove(vehicle: Vehicle) -> None:
    """Forget a vehicle; of those that are left the one kept longest becomes the default, if it was."""
    with transaction.atomic():
        mine = _hold_mine(vehicle.user)
        row = next((each for each in mine if each.pk == vehicle.pk), None)
        if row is None:
            raise Missing
        heir = next((each for each in mine if each is not row), None)
        record("vehicle.removed", row, actor=vehicle.user)
        row.delete()
        if row.is_default and heir is not None:
            Vehicle.objects.filter(pk=heir.pk).update(is_default=True)


def _hold_mine(user: Any) -> list[Vehicle]:
    """The person's vehicles, oldest first; nobody else adds one or makes one the default until the transaction ends."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    return list(Vehicle.objects.filter(user=user).order_by("created_at", "pk"))


def _no_default(user: Any) -> None:
    Vehicle.objects.filter(user=user, is_default=True).update(is_default=False)


def _refuse_known(row: Vehicle, mine: list[Vehicle]) -> None:
    """Raise `VehicleKnown` where another of them reads the same to a camera."""
    if any(each.plate_key == row.plate_key and each.pk != row.pk for each in mine):
        raise VehicleKnown(details=[Detail("plate", VehicleKnown.code, VehicleKnown.message)])
