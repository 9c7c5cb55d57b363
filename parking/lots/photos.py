"""Pictures of lots."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import transaction

from audit.trail import record
from parking.errors import TooManyPhotos
from parking.lots import writing
from parking.lots.models import LotPhoto, ParkingLot
from trufan.lib.pictures import checked, stored

#: So many a lot has at most.
MOST = 12


def add(lot: ParkingLot, by: Any, file: File, *, caption: str = "", position: int | None = None) -> LotPhoto:
    """One more picture, the last unless a `position` is given. Outside of any transaction: a store may be far away.

    Raises `Invalid` for what is no picture, `TooManyPhotos`.
    """
    kept = checked(file)
    _refuse_more(lot)
    photo = LotPhoto(lot=lot, caption=caption)
    photo.picture.name = stored(photo, "picture", kept)
    with transaction.atomic():
        held = writing.locked(lot)
        _refuse_more(held)
        photo.position = held.photos.count() if position is None else position
        photo.save(force_insert=True)
        record("parking_lot.photo_added", held, new={"picture": photo.picture.name}, actor=by)
    return photo


def remove(photo: LotPhoto, by: Any) -> None:
    """Take a picture away; its file goes once that is committed."""
    with transaction.atomic():
        fresh = writing.locked(photo)
        record("parking_lot.photo_removed", fresh.lot, old={"picture": fresh.picture.name}, actor=by)
        transaction.on_commit(partial(fresh.picture.storage.delete, str(fresh.picture.name)))
        fresh.delete()


def _refuse_more(lot: ParkingLot) -> None:
    if lot.photos.count() >= MOST:
        raise TooManyPhotos
