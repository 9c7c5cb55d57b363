"""What a scanner without a network is told of gates, lists, slots, and of who is inside."""

from __future__ import annotations

import json
import struct
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ticketing import codes
from ticketing.door import lists
from ticketing.manifest import making
from ticketing.models import EntrySlot

pytestmark = pytest.mark.django_db


def header(event: Any) -> dict[str, Any]:
    content = making.make(event, timezone.now()).content
    (length,) = struct.unpack(">I", content[4:8])
    return json.loads(content[8 : 8 + length])


def test_the_manifest_says_which_gates_a_type_opens(event, ticket_type):
    assert header(event)["gates"] == {}
    ticket_type.gates = ["North"]
    ticket_type.save()
    assert header(event)["gates"] == {str(ticket_type.pk): ["North"]}


def test_the_manifest_has_the_lists_also_closed_ones(event, olga, ticket_type):
    row = lists.create(event, olga, name="Box level", gates=["North"], ticket_types=[ticket_type])
    lists.change(row, olga, is_active=False)
    assert header(event)["lists"] == [
        {"id": str(row.pk), "name": "Box level", "gates": ["North"], "ticket_types": [str(ticket_type.pk)],
         "is_active": False}
    ]  # fmt: skip


def test_a_row_says_who_is_inside(api, gus, event, tickets):
    bit = header(event)["tickets"]["flags"]["inside"]
    api.as_(gus).post("/api/v1/checkin/scans", {"code": codes.sign(tickets[0]), "event": event.pk, "nonce": "1"})
    content = making.make(event, timezone.now()).content
    described = header(event)["tickets"]
    rows = content[-64 - described["count"] * described["row_bytes"] : -64]
    inside = {
        rows[at : at + 16]
        for at in range(0, len(rows), described["row_bytes"])
        if int.from_bytes(rows[at + 19 : at + 21], "big") & bit
    }
    assert inside == {tickets[0].pk.bytes}


def test_a_ticket_for_a_slot_names_its_time(event, tickets):
    slot = EntrySlot.objects.create(
        event=event, starts_at=event.doors_at, ends_at=event.doors_at + timedelta(hours=1), capacity=10, sold=1
    )
    tickets[0].slot = slot
    tickets[0].save()
    told = {"id": str(slot.pk), "starts_at": slot.starts_at.isoformat(), "ends_at": slot.ends_at.isoformat()}
    assert header(event)["tickets"]["legends"]["slot"] == [told]
