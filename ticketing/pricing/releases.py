"""Making, changing and deleting the releases of a ticket type.

The ticket type's row is locked first, as whatever moves its counters does.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.errors import QuantityTooSmall
from ticketing.models import TicketType
from ticketing.pricing.errors import ReleaseInUse, ReleaseNameTaken
from ticketing.pricing.models import TicketRelease
from trufan.lib.errors import Invalid

#: What staff decide.
FIELDS = ("name", "price", "until", "quantity", "position")
#: More steps than anybody reads.
MOST = 20


def create(ticket_type: TicketType, by: Any, **fields: Any) -> TicketRelease:
    """Add a price until a date, for so many tickets, or both. Raises `ReleaseNameTaken`, `Invalid`."""
    with transaction.atomic():
        row = _locked(ticket_type.pk)
        if row.min_price is not None:
            raise Invalid.field("price", "Buyers name the price of these tickets.")
        if row.releases.count() >= MOST:
            raise Invalid.field("name", f"A ticket type has at most {MOST} prices that change.")
        release = TicketRelease(ticket_type=row, **fields)
        _save(release, force_insert=True)
        record("ticket_release.created", release, new=_values(release), actor=by, venue_id=row.event.venue_id)
    return release


def change(release: TicketRelease, by: Any, **fields: Any) -> TicketRelease:
    """Change it for carts priced from now on. Raises `QuantityTooSmall`, `ReleaseNameTaken`, `Invalid`."""
    with transaction.atomic():
        ticket_type = _locked(release.ticket_type_id)
        release = TicketRelease.objects.select_for_update(no_key=True).get(pk=release.pk)
        release.ticket_type = ticket_type
        before = _values(release)
        for name, value in fields.items():
            setattr(release, name, value)
        if release.left is not None and release.left < 0:
            raise QuantityTooSmall(
                gettext("{held} are held or sold at this price already.").format(held=release.held + release.sold)
            )
        if _values(release) != before:
            _save(release, update_fields=[*FIELDS, "updated_at"])
            venue_id = ticket_type.event.venue_id
            record("ticket_release.changed", release, old=before, new=_values(release), actor=by, venue_id=venue_id)
    return release


def delete(release: TicketRelease, by: Any) -> None:
    """Remove one at which nothing is held or sold. Raises `ReleaseInUse`."""
    with transaction.atomic():
        ticket_type = _locked(release.ticket_type_id)
        release = TicketRelease.objects.select_for_update().get(pk=release.pk)
        if release.held or release.sold:
            raise ReleaseInUse
        record("ticket_release.deleted", release, old=_values(release), actor=by, venue_id=ticket_type.event.venue_id)
        release.delete()


def _locked(type_id: UUID) -> TicketType:
    rows = TicketType.objects.select_related("event__venue")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=type_id)


def _save(release: TicketRelease, **how: Any) -> None:
    if release.until is None and release.quantity is None:
        raise Invalid.field("until", "Say until when, or how many.")
    try:
        with transaction.atomic():
            release.save(**how)
    except IntegrityError:
        same = TicketRelease.objects.filter(ticket_type=release.ticket_type_id, name=release.name)
        if same.exclude(pk=release.pk).exists():
            raise ReleaseNameTaken from None
        raise


def _values(release: TicketRelease) -> dict[str, Any]:
    return {name: getattr(release, name) for name in FIELDS}
