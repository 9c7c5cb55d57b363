"""Who may know of a lot, and who sets it up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from parking.lots.models import LotPhoto, ParkingLot, ParkingSpace
from parking.spaces.models import SpaceUse
from trufan.lib.errors import Forbidden, Missing
from venues.permissions import holds

#: Who sets lots up, and who runs them on the night.
MANAGE = (Permission.MANAGE_PARKING,)
RUN = (Permission.MANAGE_PARKING, Permission.RUN_PARKING)


def staff_lot(user: Any, lot_id: UUID, permissions: tuple[Permission, ...] = MANAGE) -> ParkingLot:
    """The lot, with its venue, for staff who hold one of the permissions there.

    Raises `Forbidden` for staff of the venue who do not, `Missing` for everyone else.
    """
    lot = ParkingLot.objects.select_related("venue").filter(pk=lot_id).first()
    if lot is None:
        raise Missing(gettext("There is no such lot."))
    require_any(user, lot.venue_id, permissions)
    return lot


def staff_space(user: Any, space_id: UUID) -> ParkingSpace:
    """A numbered space, for who sets its lot up. Raises `Forbidden` or `Missing`."""
    space = ParkingSpace.objects.select_related("lot").filter(pk=space_id).first()
    if space is None:
        raise Missing(gettext("There is no such space."))
    require_any(user, space.lot.venue_id, MANAGE)
    return space


def photo_of(lot: ParkingLot, photo_id: UUID) -> LotPhoto:
    """Raises `Missing`."""
    photo = lot.photos.filter(pk=photo_id).first()
    if photo is None:
        raise Missing(gettext("There is no such picture."))
    return photo


def block_of(lot: ParkingLot, block_id: UUID) -> SpaceUse:
    """Raises `Missing`."""
    use = SpaceUse.objects.filter(pk=block_id, capacity__lot=lot, purpose=SpaceUse.Purpose.BLOCK).first()
    if use is None:
        raise Missing(gettext("There is no such block."))
    return use


def require_any(user: Any, venue_id: UUID, permissions: tuple[Permission, ...]) -> None:
    """Raise `Forbidden` for staff of the venue without any of these permissions, `Missing` for everyone else."""
    if any(holds(user, permission, venue_id) for permission in permissions):
        return
    if holds(user, Permission.VIEW_VENUE, venue_id):
        raise Forbidden
    raise Missing
