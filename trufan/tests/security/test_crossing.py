"""Staff of one venue, and fans, reach nothing of another by its ids, whatever the endpoint."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db.models import Model

from events.models import Event
from orders.models import Order, Outlet
from parking.models import ParkingLot
from ticketing.models import Ticket, TicketType
from trufan.tests.console_rows import rows_of
from trufan.tests.security.machines import NOBODYS, Endpoint, endpoints
from venues.models import Venue

pytestmark = pytest.mark.django_db
SECRET = "Zanzibar"
#: What the few endpoints that read the body first want in it.
SAID = {
    "reason": "Because it is theirs", "note": "Hello", "amount": 100, "price": 100, "space": NOBODYS, "lot": NOBODYS,
    "since": "2026-11-20T12:00:00Z", "ended_at": "2026-11-20T12:00:00Z", "plate": "B0B 1",
}  # fmt: skip
NAMED = {
    "venue_id": Venue, "event_id": Event, "order_id": Order, "outlet_id": Outlet, "lot_id": ParkingLot,
    "type_id": TicketType, "ticket_id": Ticket,
}  # fmt: skip


def theirs(endpoint: Endpoint, rows: dict[type[Model], Any]) -> dict[str, Any]:
    """The ids in the path, of rows of the other venue as far as there are such."""
    model = getattr(getattr(endpoint.view, "queryset", None), "model", None)
    names = re.findall(r"{(\w+)}", endpoint.path)
    found = {name: rows.get(NAMED.get(name, model)) for name in names if name in NAMED or model}
    return {name: row.pk for name, row in found.items() if row is not None}


def staff_only() -> list[Endpoint]:
    """Endpoints about one thing that are for its venue's staff."""

    def permission(each: Endpoint) -> str:
        return each.view.schema.documentation().permission if hasattr(each.view, "schema") else ""

    found = []
    for each in endpoints():
        each.view.schema.view, each.view.schema.method = each.view, each.method
        if "{" in each.path and permission(each).startswith("Staff "):
            found.append(each)
    return found


def test_no_endpoint_for_staff_answers_a_stranger_or_a_fan(api, venue, stan, fay, settings):
    settings.RATE_LIMIT_PER_MINUTE = settings.DOOR_LIMIT_PER_MINUTE = 0
    rows = rows_of(venue, SECRET)
    asked = staff_only()
    real = [each for each in asked if theirs(each, rows)]
    assert len(real) > 80
    told = {}
    for person in (stan, fay):
        caller = api.as_(person)
        for each in asked:
            address = each.address(**theirs(each, rows))
            answer = caller.generic(each.method, address, json.dumps(SAID), "application/json")
            assert SECRET not in answer.content.decode(errors="replace"), str(each)
            if answer.status_code not in (403, 404):
                told[f"{person} {each}"] = answer.status_code
    assert told == {}, "\n".join(told)


def test_an_id_that_nobody_has_is_answered_like_anothers(api, venue, stan, settings):
    settings.RATE_LIMIT_PER_MINUTE = 0
    rows = rows_of(venue, SECRET)
    order = api.as_(stan).get(f"/api/v1/orders/{rows[Order].pk}")
    nobodys = api.as_(stan).get(f"/api/v1/orders/{NOBODYS}")
    assert order.status_code == nobodys.status_code == 404
    assert order.json()["error"] | {"correlation_id": ""} == nobodys.json()["error"] | {"correlation_id": ""}
