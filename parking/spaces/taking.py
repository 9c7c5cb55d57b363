"""Taking spaces and giving them back, under the lock of their kind: the one place where it is decided who gets one.

Every function but `lock` is called by whoever holds the capacity's row until the end of the transaction; between the
count and the row that is written on its strength nobody else can take one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from parking import live
from parking.errors import NoSpace
from parking.lots.models import ParkingCapacity, ParkingSpace
from parking.spaces import counting
from parking.spaces.models import SpaceUse

Purpose = SpaceUse.Purpose
#: The shortest use: what ends at the moment it begins would be none.
INSTANT = timedelta(microseconds=1)


def lock(capacity_ids: Iterable[UUID]) -> dict[UUID, ParkingCapacity]:
    """The capacities, locked in key order until the transaction ends, with their lots and venues."""
    rows = ParkingCapacity.objects.select_for_update(of=("self",), no_key=True).select_related("lot__venue")
    return {row.pk: row for row in rows.filter(pk__in=set(capacity_ids)).order_by("pk")}


def lock_one(capacity_id: UUID) -> ParkingCapacity:
    """One of them."""
    return lock([capacity_id])[capacity_id]


def take(
    capacity: ParkingCapacity,
    starts_at: datetime,
    ends_at: datetime,
    purpose: str,
    now: datetime,
    *,
    quantity: int = 1,
    **more: Any,
) -> SpaceUse:
    """Take so many for the window. Raises `NoSpace`, with how many there are, and takes none.

    `more` are fields of the use: `is_inside`, `held_until`, `item_id`, `space`, `reason`.
    """
    refuse_full(capacity, starts_at, ends_at, now, quantity=quantity)
    return put(capacity, starts_at, ends_at, purpose, quantity=quantity, **more)


def put(
    capacity: ParkingCapacity, starts_at: datetime, ends_at: datetime, purpose: str, *, quantity: int = 1, **more: Any
) -> SpaceUse:
    """Write down what is there whether or not there is room: a car that staff let in on a full lot."""
    live.spaces_moved(capacity.pk)
    return SpaceUse.objects.create(
        capacity=capacity, purpose=purpose, starts_at=starts_at, ends_at=ends_at, quantity=quantity, **more
    )


def refuse_full(
    capacity: ParkingCapacity,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    *,
    quantity: int = 1,
    without: Iterable[SpaceUse] = (),
) -> None:
    """Raise `NoSpace` unless so many are left for the whole window."""
    left = counting.left(capacity, starts_at, ends_at, now, [use.pk for use in without])
    if left < quantity:
        raise NoSpace.of(capacity, max(left, 0))


def move(
    use: SpaceUse, capacity: ParkingCapacity, starts_at: datetime, ends_at: datetime, now: datetime, **more: Any
) -> SpaceUse:
    """Give the use another window or kind, where that is free beside all others. Raises `NoSpace`, and moves nothing.

    The caller holds both kinds.
    """
    refuse_full(capacity, starts_at, ends_at, now, quantity=use.quantity, without=[use])
    return _write(use, capacity=capacity, starts_at=starts_at, ends_at=ends_at, **more)


def stay_on(
    use: SpaceUse, capacity: ParkingCapacity, ends_at: datetime, now: datetime, *, held: Iterable[SpaceUse] = ()
) -> SpaceUse:
    """Give a use another end; only what comes on top of it has to be free. Raises `NoSpace`, and changes nothing.

    `held`: uses that keep that time for it, which are not counted against it.
    """
    begins = max(use.ends_at, now)
    if ends_at > begins:
        refuse_full(capacity, begins, ends_at, now, quantity=use.quantity, without=[use, *held])
    return _write(use, ends_at=max(ends_at, use.starts_at + INSTANT))


def keep(use: SpaceUse, purpose: str) -> SpaceUse:
    """What was held for a cart is taken for good."""
    return _write(use, purpose=purpose, held_until=None, item_id=None)


def enter(use: SpaceUse, now: datetime, space: ParkingSpace | None = None) -> SpaceUse:
    """The car is there: from now on its space is taken until it leaves."""
    return _write(use, is_inside=True, is_active=True, held_until=None, space=space or use.space)


def leave(use: SpaceUse, now: datetime, *, comes_back: bool = False) -> SpaceUse:
    """The car left. Its space is free again, unless it `comes_back`: then it stays taken until its end."""
    if comes_back and use.ends_at > now:
        return _write(use, is_inside=False)
    return end(use, now)


def end(use: SpaceUse, now: datetime) -> SpaceUse:
    """The use is over, whether its time was up or not; nothing counts it any more."""
    ends_at = max(min(use.ends_at, now), use.starts_at + INSTANT)
    return _write(use, is_inside=False, is_active=False, ends_at=ends_at)


def _write(use: SpaceUse, **changes: Any) -> SpaceUse:
    SpaceUse.objects.filter(pk=use.pk).update(**changes)
    live.spaces_moved(use.capacity_id)
    for name, value in changes.items():
        setattr(use, name, value)
    return use
