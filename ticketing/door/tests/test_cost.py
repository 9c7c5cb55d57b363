"""What a scan costs in queries: a queue stands behind each of them."""

from __future__ import annotations

from uuid import uuid4

from ticketing import codes
from ticketing.models import Ticket
from ticketing.tests.sales import buy


def test_scanning_a_ticket(api, fay, gus, ticket_type, django_assert_num_queries):
    """Rights, ticket, its use, the scan, a mark for the reports, who listens; two are the savepoint of a test."""
    buy(fay, ticket_type)
    ticket = Ticket.objects.with_event().get()
    read = {"code": codes.sign(ticket), "event": str(ticket.event_id), "gate": "North"}
    with django_assert_num_queries(8):
        said = api.as_(gus).post("/api/v1/checkin/scans", {**read, "nonce": str(uuid4())}).json()
    assert said["result"] == "accepted"
    again = {**read, "nonce": str(uuid4())}
    first = api.as_(gus).post("/api/v1/checkin/scans", again).json()
    assert api.as_(gus).post("/api/v1/checkin/scans", again).json() == first
