"""Keeping tickets where their scans put them: rows in, `folding` between, columns out, under the tickets' locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from events.door_policy import policy_of
from ticketing.door.folding import Fact, Standing, Terms, fold
from ticketing.door.querysets import ScanQuerySet
from ticketing.models import Scan, Ticket
from ticketing.querysets import TicketQuerySet

#: What the door writes on a ticket.
FIELDS = ["status", "used_at", "used_gate", "inside", "entries", "last_in_at", "last_out_at"]
_BEGINNING = datetime.min.replace(tzinfo=UTC)


def locked(ids: Collection[UUID]) -> list[Ticket]:
    """The tickets with their events, locked in key order."""
    rows: TicketQuerySet = Ticket.objects.with_event().filter(pk__in=ids)
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def terms_of(ticket: Ticket) -> Terms:
    """Reads `ticket.event.venue`."""
    policy = policy_of(ticket.event)
    return Terms(
        reentry=policy.reentry,
        once_per_day=policy.once_per_day,
        zone=ticket.event.venue.zone,
        code_version=ticket.code_version,
        void_since=_void_since(ticket),
    )


def refold(tickets: Collection[Ticket]) -> list[Scan]:
    """Fold all facts of these locked tickets anew; rows and objects are then as they should be.

    Returns the scans that were no conflict before and are one now. One query, and one each for what changed.
    """
    facts: dict[UUID, list[Scan]] = defaultdict(list)
    rows: ScanQuerySet = Scan.objects.passages().filter(ticket__in=[ticket.pk for ticket in tickets])
    for row in rows:
        facts[row.ticket_id].append(row)
    changed, moved, new = [], [], []
    for ticket in tickets:
        # A scan of this ticket at another event's door stands in the books there and says nothing of the ticket.
        own = [row for row in facts[ticket.pk] if row.event_id == ticket.event_id]
        standing = fold([as_fact(row) for row in own], terms_of(ticket))
        if _put(ticket, standing):
            changed.append(ticket)
        for row in own:
            kind = standing.conflicts.get(row.pk, "")
            if kind != row.conflict:
                new += [row] if kind and not row.conflict else []
                row.conflict, row.ticket = kind, ticket
                moved.append(row)
    if changed:
        Ticket.objects.bulk_update(changed, FIELDS, batch_size=250)
    if moved:
        Scan.objects.bulk_update(moved, ["conflict"], batch_size=500)
    return new


def as_fact(row: Scan) -> Fact:
    return Fact(
        key=row.pk,
        at=row.scanned_at,
        nonce=row.nonce,
        by=str(row.scanned_by_id),
        received_at=row.created_at,
        direction=row.direction,
        gate=row.gate,
        version=row.code_version,
        is_offline=row.is_offline,
        undoes=row.undoes_id,
    )


def _put(ticket: Ticket, standing: Standing) -> bool:
    """Write the standing on the object; whether that changed it. Money that went back stays gone."""
    status = Ticket.Status.USED if standing.entries else Ticket.Status.VALID
    values = {
        "status": ticket.status if ticket.status == Ticket.Status.REFUNDED else status,
        **{name: getattr(standing, name) for name in FIELDS[1:]},
    }
    before = {name: getattr(ticket, name) for name in FIELDS}
    for name, value in values.items():
        setattr(ticket, name, value)
    return before != values


def _void_since(ticket: Ticket) -> datetime | None:
    """Since when the ticket admits nobody; of one that was refunded before that was kept: ever since."""
    moments = [moment for moment in (ticket.frozen_at, ticket.returning_at) if moment is not None]
    if ticket.status == Ticket.Status.REFUNDED:
        moments.append(ticket.revoked_at or _BEGINNING)
    return min(moments, default=None)
