"""Numbered spaces, where a lot numbers them: where a car stands. How many there are, the kinds of space say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from parking.errors import SpaceNumberTaken, SpacesInUse
from parking.lots import writing
from parking.lots.models import ParkingLot, ParkingSpace, SpaceKind
from parking.spaces.models import SpaceUse
from trufan.lib.errors import Detail, Invalid

#: So many are added at once.
MOST = 1_000
_LONGEST = 20


def add(lot: ParkingLot, by: Any, **fields: Any) -> ParkingSpace:
    """One space: `number`, and perhaps `kind`, `level`, `is_active`. Raises `SpaceNumberTaken`, `Invalid`."""
    return writing.add(ParkingSpace(lot=lot), by, _tidied(fields), "parking_space.created", _taken)


def add_many(
    lot: ParkingLot, by: Any, numbers: Iterable[str], *, kind: str = SpaceKind.STANDARD, level: str = ""
) -> list[ParkingSpace]:
    """Many spaces of one kind on one level, or none of them. Raises `SpaceNumberTaken`, naming the first, `Invalid`."""
    tidied = [_number(number) for number in numbers]
    if not 0 < len(tidied) <= MOST:
        raise Invalid.field(
            "numbers", gettext("From 1 to {most:,} at once.").format(most=MOST), "too_many" if tidied else "required"
        )
    rows = [ParkingSpace(lot=lot, kind=kind, level=level.strip(), number=number) for number in tidied]
    known = ParkingSpace.objects.filter(lot=lot, number__in=tidied).order_by("number").first()
    twice = next((number for number in tidied if tidied.count(number) > 1), None)
    if known is not None or twice is not None:
        raise _refusal(known.number if known else str(twice))
    try:
        with transaction.atomic():
            made = ParkingSpace.objects.bulk_create(rows)
            new = {"kind": kind, "level": level.strip(), "from": tidied[0], "to": tidied[-1], "count": len(made)}
            record("parking_lot.spaces_added", lot, new=new, actor=by)
    except IntegrityError:
        raise _refusal(tidied[0]) from None
    return made


def series(prefix: str, first: int, last: int, width: int = 0) -> list[str]:
    """`A-001` to `A-120` for `("A-", 1, 120, 3)`. Raises `Invalid`."""
    if not 0 <= first <= last:
        raise Invalid.field("last", gettext("Not before the first."), "out_of_order")
    if last - first >= MOST:
        raise Invalid.field("last", gettext("At most {most:,} at once.").format(most=MOST), "too_many")
    return [f"{prefix}{number:0{width}d}" for number in range(first, last + 1)]


def change(space: ParkingSpace, by: Any, **fields: Any) -> ParkingSpace:
    """Change its number, kind or level, or take it out of use.

    Raises `SpaceNumberTaken`, `Invalid`, and `SpacesInUse` where a car stands on it, or was promised it, that needs it
    as it is.
    """
    with transaction.atomic():
        fresh = writing.locked(space)
        changes = writing.set_fields(fresh, _tidied(fields))
        if ("kind" in changes or not fresh.is_active) and _is_in_use(fresh):
            raise SpacesInUse(gettext("Space {space_number} is taken or promised.").format(space_number=space.number))
        writing.save(fresh, by, changes, "parking_space.changed", _taken)
    return fresh


def _is_in_use(space: ParkingSpace) -> bool:
    return SpaceUse.objects.filter(space=space, is_active=True).exists()


def _tidied(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, **({"number": _number(fields["number"])} if "number" in fields else {})}


def _number(given: str) -> str:
    number = " ".join(given.split())
    if not 0 < len(number) <= _LONGEST:
        raise Invalid.field("number", gettext("A number has 1 to {longest} characters.").format(longest=_LONGEST))
    return number


def _taken(space: ParkingSpace) -> SpaceNumberTaken | None:
    others = ParkingSpace.objects.filter(lot=space.lot_id, number=space.number).exclude(pk=space.pk)
    return _refusal(space.number) if others.exists() else None


def _refusal(number: str) -> SpaceNumberTaken:
    message = gettext("The lot already has a space {number}.").format(number=number)
    return SpaceNumberTaken(message, details=[Detail("number", SpaceNumberTaken.code, message)])
