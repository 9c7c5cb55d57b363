"""Setting up outlets: what they are, when they are open, and whether they take orders right now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from audit.trail import record
from orders.menu import writing
from orders.menu.models import Daypart, OpeningHours, Outlet
from trufan.lib.errors import Invalid
from venues.models import Venue

#: What staff may set; the status has a rule of its own.
FIELDS = (
    "name", "description", "kind", "location", "hours", "prep_seconds", "makes_at_once", "busy_seconds",
    "offers_pickup", "offers_seat_delivery", "service_charge_ppm", "connected_account", "position", "is_active",
)  # fmt: skip
Span = Mapping[str, Any]


def create(venue: Venue, by: Any, *, opening_hours: Iterable[Span] = (), **fields: Any) -> Outlet:
    """Open an outlet; `name` at least. Raises `NameInUse`, `Invalid`."""
    with transaction.atomic():
        outlet = writing.add(Outlet(venue=venue), by, fields, _refuse)
        _write_hours(outlet, opening_hours)
    return outlet


def change(outlet: Outlet, by: Any, *, opening_hours: Iterable[Span] | None = None, **fields: Any) -> Outlet:
    """Change some fields; `opening_hours` replace all there were. Raises `NameInUse`, `Invalid`."""
    with transaction.atomic():
        changed = writing.change(outlet, by, fields, _refuse)
        if opening_hours is not None:
            before = [str(span) for span in changed.opening_hours.all()]
            changed.opening_hours.all().delete()
            after = _write_hours(changed, opening_hours)
            record("outlet.hours_changed", changed, old={"hours": before}, new={"hours": after}, actor=by)
    return changed


def set_status(outlet: Outlet, by: Any, status: str) -> Outlet:
    """Open, busy or closed, from now on. The same again changes nothing."""
    if status not in Outlet.Status.values:
        raise Invalid.field("status", f"Say {', '.join(Outlet.Status.values)}.", "invalid_choice")
    with transaction.atomic():
        row = writing.locked(outlet)
        before = row.status
        if before != status:
            row.status = status
            row.save(update_fields=["status", "updated_at"])
            record(f"outlet.{status}", row, old={"status": before}, new={"status": status}, actor=by)
    return row


# -- Their hours, one by one, as the console edits them; and the parts of a venue's day --


def add_hours(outlet: Outlet, by: Any, **fields: Any) -> OpeningHours:
    return writing.add(OpeningHours(outlet=outlet), by, fields, _nothing_to_refuse)


def change_hours(span: OpeningHours, by: Any, **fields: Any) -> OpeningHours:
    return writing.change(span, by, fields, _nothing_to_refuse)


def add_daypart(venue: Venue, by: Any, **fields: Any) -> Daypart:
    """Raises `NameInUse`."""
    return writing.add(Daypart(venue=venue), by, fields, _nothing_to_refuse)


def change_daypart(daypart: Daypart, by: Any, **fields: Any) -> Daypart:
    """Raises `NameInUse`."""
    return writing.change(daypart, by, fields, _nothing_to_refuse)


def _write_hours(outlet: Outlet, spans: Iterable[Span]) -> list[str]:
    made = OpeningHours.objects.bulk_create(OpeningHours(outlet=outlet, **span) for span in spans)
    return [str(span) for span in made]


def _refuse(outlet: Outlet, changes: Mapping[str, Any]) -> None:
    account = outlet.connected_account
    if account is not None and account.venue_id != outlet.venue_id:
        raise Invalid.field("connected_account", "This venue has no such account.", "not_found")
    if not (outlet.offers_pickup or outlet.offers_seat_delivery):
        raise Invalid.field("offers_pickup", "An outlet hands over in at least one way.")


def _nothing_to_refuse(row: Any, changes: Mapping[str, Any]) -> None:
    """The form and the table's constraints say all there is to say."""
