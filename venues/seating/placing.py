"""Writing a layout into a plan's rows: seats that stay keep theirs, and thousands take few statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, ProtectedError, RestrictedError
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext

from trufan.lib.errors import Detail
from venues.seating import uses
from venues.seating.errors import SeatsInUse
from venues.seating.layouts import Area, Layout, Place
from venues.seating.models import MAX_ORDER, Seat, SeatingPlan, SeatSection
from venues.seating.problems import LIMIT

#: Rows in one statement; SQLite takes fewer, by itself.
_BATCH = 2_000
_WHERE = ("section_id", "row", "number", "row_order", "seat_order")
_WRITTEN = (*_WHERE, "x", "y", "accessible", "companion", "restricted_view", "companion_of_id")


def place(plan: SeatingPlan, layout: Layout) -> dict[str, int]:
    """Make the rows of the plan, which is locked, those of the layout; how many seats came, changed and went.

    Raises `SeatsInUse`.
    """
    sections = _keep_sections(plan, layout.areas)
    seats = {seat.label: seat for seat in plan.seats.all()}
    wanted = {spot.label: spot for spot in layout.places}
    gone = [seat for label, seat in seats.items() if label not in wanted]
    _remove(plan, gone)
    new = {label: Seat(plan=plan, label=label) for label in wanted if label not in seats}
    changed, moved = [], []
    for label, spot in wanted.items():
        if label in new:
            _write(new[label], spot, sections, seats, new)
            continue
        seat = seats[label]
        before, where = _values(seat, _WRITTEN), _values(seat, _WHERE)
        _write(seat, spot, sections, seats, new)
        if _values(seat, _WRITTEN) != before:
            changed.append(seat)
        if _values(seat, _WHERE) != where:
            moved.append(seat.pk)
    _park(moved)
    _save([*changed, *new.values()])
    _remove_sections(plan, layout.areas)
    return {"seats": len(wanted), "added": len(new), "changed": len(changed), "removed": len(gone)}


def _keep_sections(plan: SeatingPlan, areas: list[Area]) -> dict[str, SeatSection]:
    """Name → section, for those of the layout, written as it says; what is there and not in it stays for now."""
    sections = {section.name: section for section in plan.sections.all()}
    now = timezone.now()
    for position, area in enumerate(areas):
        section = sections.setdefault(area.name, SeatSection(plan=plan, name=area.name))
        section.position, section.capacity, section.outline = position, area.capacity, area.outline
        section.kind = SeatSection.Kind.STANDING if area.is_standing else SeatSection.Kind.SEATED
        section.updated_at = now
    SeatSection.objects.bulk_create(
        [sections[area.name] for area in areas],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["position", "capacity", "outline", "kind", "updated_at"],
    )
    return sections


def _remove_sections(plan: SeatingPlan, areas: list[Area]) -> None:
    """Those that the layout leaves out, which have no seats any more."""
    _delete(plan.sections.exclude(name__in=[area.name for area in areas]))


def _remove(plan: SeatingPlan, seats: list[Seat]) -> None:
    """Seats that the layout leaves out, unless one of them is used."""
    in_use = uses.among(plan.pk, {seat.pk for seat in seats})
    if in_use:
        labels = sorted(seat.label for seat in seats if seat.pk in in_use)
        raise SeatsInUse(
            details=[
                Detail(label, SeatsInUse.code, gettext("Seat {label} is in use.").format(label=label))
                for label in labels[:LIMIT]
            ]
        )
    for keys in _batches([seat.pk for seat in seats]):
        _delete(plan.seats.filter(pk__in=keys))


def _delete(rows: Any) -> None:
    """Delete what nothing refers to that says no."""
    try:
        rows.delete()
    except (ProtectedError, RestrictedError):
        raise SeatsInUse from None


def _write(
    seat: Seat, spot: Place, sections: dict[str, SeatSection], seats: dict[str, Seat], new: dict[str, Seat]
) -> None:
    """Let the row say what the layout says of the seat."""
    seat.section_id = sections[spot.section].pk
    for name in ("row", "number", "row_order", "seat_order", "x", "y", "accessible", "companion", "restricted_view"):
        setattr(seat, name, getattr(spot, name))
    of = new.get(spot.companion_of) or seats.get(spot.companion_of)
    seat.companion_of_id = of.pk if of else None


def _park(keys: list[UUID]) -> None:
    """Put seats that change places where no seat ever is, so that none meets another on its way."""
    for batch in _batches(keys):
        Seat.objects.filter(pk__in=batch).update(
            row="",
            number=Cast(F("row_order") * (MAX_ORDER + 1) + F("seat_order"), CharField(max_length=12)),
            row_order=F("row_order") + MAX_ORDER + 1,
        )


def _save(seats: list[Seat]) -> None:
    now = timezone.now()
    for seat in seats:
        seat.updated_at = now
    Seat.objects.bulk_create(
        seats,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[name.removesuffix("_id") for name in _WRITTEN] + ["updated_at"],
    )


def _values(seat: Seat, names: tuple[str, ...]) -> list[Any]:
    return [getattr(seat, name) for name in names]


def _batches(keys: list[UUID]) -> Iterator[Iterable[UUID]]:
    for at in range(0, len(keys), _BATCH):
        yield keys[at : at + _BATCH]
