"""What venues' own systems are told of tickets and of the door. No names of holders, and no codes that open it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from notifications.webhooks import kinds
from notifications.webhooks.announcing import announce, announce_each
from orders.models import Order
from ticketing.models import Scan, Ticket, TicketTransfer
from ticketing.signals import attendance_moved

_TICKET: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000c001",
    "number": "Q8RD-41ZM",
    "status": "valid",
    "event_id": "0198c0de-7a11-7000-8000-00000000b002",
    "ticket_type_id": "0198c0de-7a11-7000-8000-00000000c002",
    "order_id": "0198c0de-7a11-7000-8000-00000000b001",
    "seat": "",
}
_SCAN: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000c003",
    "gate": "North",
    "method": "code",
    "reason": "",
    "direction": "in",
    "is_offline": False,
    "event_id": "0198c0de-7a11-7000-8000-00000000b002",
    "scanned_at": "2026-11-20T18:02:10.918Z",
}

ISSUED = kinds.register("ticket.issued", "A ticket was issued: one message for each.", {"ticket": _TICKET})
REVOKED = kinds.register(
    "ticket.revoked",
    "A ticket was refunded and admits nobody any more: one message for each.",
    {"ticket": {**_TICKET, "status": "refunded"}},
)
SCANNED = kinds.register(
    "ticket.scanned",
    "Somebody was let in, by the code or by hand (`scan.method`).",
    {"ticket": {**_TICKET, "status": "used"}, "scan": _SCAN},
)
LEFT = kinds.register(
    "ticket.left",
    "Somebody was counted out, by the code or by hand.",
    {"ticket": {**_TICKET, "status": "used"}, "scan": {**_SCAN, "direction": "out"}},
)
REFUSED = kinds.register(
    "ticket.scan_refused",
    "A scan was refused, for `scan.reason`. `ticket` is null where the code was not one of the venue's.",
    {"ticket": {**_TICKET, "status": "used"}, "scan": {**_SCAN, "reason": "already_used"}},
)
UNDONE = kinds.register(
    "ticket.check_in_undone", "A check-in was a mistake: the ticket admits again.", {"ticket": _TICKET}
)
CONFLICT = kinds.register(
    "checkin.conflict",
    "Somebody went through a door who should not have: a scanner without a network let them, and told us later. "
    "`conflict` says what was wrong; `ticket` is null where the code was not one of the event's venue.",
    {
        "ticket": {**_TICKET, "status": "used"},
        "scan": {**_SCAN, "is_offline": True},
        "conflict": "double_entry",
    },
)

TRANSFERRED = kinds.register(
    "ticket.transferred",
    "A ticket is somebody else's from now on, under a new code: the former one is refused at the door.",
    {
        "ticket": _TICKET,
        "transfer": {"id": "0198c0de-7a11-7000-8000-00000000c004", "accepted_at": "2026-11-19T09:12:44.031Z"},
    },
)


def issued(order: Order, tickets: Iterable[Ticket]) -> None:
    """One query for all of them."""
    announce_each(ISSUED, [(order.venue_id, partial(_of, ticket)) for ticket in tickets])


def revoked(venue_id: UUID, tickets: Iterable[Ticket]) -> None:
    """One query for all of them. They are refunded, whatever the objects still say."""
    tickets = list(tickets)
    attendance_moved.send(sender=Ticket, event_ids={ticket.event_id for ticket in tickets})
    announce_each(REVOKED, [(venue_id, partial(_of, each, Ticket.Status.REFUNDED)) for each in tickets])


def scanned(scan: Scan) -> None:
    """Of a scan that belongs to no venue, nobody is told."""
    if scan.ticket is not None and scan.ticket.event_id == scan.event_id:
        attendance_moved.send(sender=Scan, events=[scan.ticket.event])
    elif scan.event_id is not None:
        attendance_moved.send(sender=Scan, event_ids={scan.event_id})
    if scan.venue_id is not None:
        announce(_kind(scan), scan.venue_id, partial(_scanned, scan))


def scanned_offline(venue_id: UUID, scans: Iterable[Scan]) -> None:
    """The same of many at one venue, at a query for each kind."""
    by_kind: dict[str, list[Scan]] = defaultdict(list)
    for scan in scans:
        by_kind[_kind(scan)].append(scan)
    for kind, told in by_kind.items():
        announce_each(kind, [(venue_id, partial(_scanned, scan)) for scan in told])


def conflicts(venue_id: UUID, scans: Iterable[Scan]) -> None:
    """One query for all of them, none where there are none."""
    announce_each(CONFLICT, [(venue_id, partial(_conflict, scan)) for scan in scans])


def undone(ticket: Ticket) -> None:
    """The ticket knows its event."""
    announce(UNDONE, ticket.event.venue_id, partial(_of, ticket))


def transferred(transfer: TicketTransfer) -> None:
    """It was accepted; it knows its ticket as it is now, with its event."""
    announce(TRANSFERRED, transfer.ticket.event.venue_id, partial(_transferred, transfer))


def _transferred(transfer: TicketTransfer) -> dict[str, Any]:
    said = {"id": transfer.pk, "accepted_at": transfer.decided_at}
    return {"ticket": _ticket(transfer.ticket), "transfer": said}


def _of(ticket: Ticket, status: str = "") -> dict[str, Any]:
    return {"ticket": _ticket(ticket, status)}


def _kind(scan: Scan) -> str:
    if scan.result == Scan.Result.REFUSED:
        return REFUSED
    return SCANNED if scan.direction == Scan.Direction.IN else LEFT


def _conflict(scan: Scan) -> dict[str, Any]:
    return {**_scanned(scan), "conflict": scan.conflict}


def _scanned(scan: Scan) -> dict[str, Any]:
    # Who was let through by a code that is not the ticket's has not used it.
    used = scan.result == Scan.Result.ACCEPTED and not scan.is_offline
    status = Ticket.Status.USED if used else ""
    names = ("id", "gate", "method", "reason", "direction", "is_offline", "event_id", "scanned_at")
    shown = {name: getattr(scan, name) for name in names}
    return {"ticket": _ticket(scan.ticket, status) if scan.ticket else None, "scan": shown}


def _ticket(ticket: Ticket, status: str = "") -> dict[str, Any]:
    plain = ("id", "number", "event_id", "ticket_type_id", "order_id", "seat")
    return {**{name: getattr(ticket, name) for name in plain}, "status": str(status or ticket.status)}
