"""Scanners without a network, as the tests hold them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from events.models import Event
from ticketing import codes
from ticketing.models import Scan, Ticket

#: What is compared: where the tickets stand, and what is wrong with which scan.
COLUMNS = ["number", "status", "used_at", "used_gate", "inside", "entries", "last_in_at", "last_out_at"]


def sync_url(event: Event) -> str:
    return f"/api/v1/events/{event.pk}/checkin/sync"


def seen(ticket: Ticket | str, at: datetime, decided: str = "accepted", **more: Any) -> dict[str, Any]:
    """One scan as a scanner tells it."""
    code = ticket if isinstance(ticket, str) else codes.sign(ticket)
    said = {"nonce": uuid4().hex, "code": code, "scanned_at": at.isoformat(), "decided": decided, "gate": "South"}
    return {**said, **more}


def send(caller: Any, event: Event, *scans: Any, **more: Any) -> Any:
    answer = caller.post(sync_url(event), {"device": "scanner-7", "scans": list(scans), **more})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def standing() -> tuple[Any, Any]:
    """All that scans come to, in an order of its own."""
    tickets = list(Ticket.objects.order_by("pk").values_list(*COLUMNS))
    scans = Scan.objects.order_by("scanned_by", "nonce")
    return tickets, list(
        scans.values_list("nonce", "result", "reason", "conflict", "direction", "ticket", "scanned_at")
    )
