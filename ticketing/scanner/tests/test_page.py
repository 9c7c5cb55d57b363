"""Who may open the scanner page, what a browser may do with it, and that it asks as a session does."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from ticketing import codes
from ticketing.door import lists
from ticketing.models import Scan
from ticketing.scanner import screens
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db


def page(user: Any, event: Any) -> Any:
    return as_(user).get(screens.address(event))


def settings_of(response: Any) -> dict[str, Any]:
    found = re.search(r'<script id="settings" type="application/json">(.*?)</script>', response.content.decode())
    assert found
    return json.loads(found[1])


def scan(client: Client, event: Any, code: str, **headers: str) -> Any:
    said = {"code": code, "event": str(event.pk), "nonce": uuid4().hex}
    return client.post(reverse("door_scan_scans"), said, content_type="application/json", headers=headers)


def test_it_stands_where_phones_look_for_it(event):
    assert screens.address(event) == f"/admin/door/scan/{event.pk}/"


def test_who_works_at_the_door_gets_the_page(gus, event):
    response = page(gus, event)
    assert response.status_code == 200
    assert event.name in response.content.decode()


def test_staff_of_another_venue_are_kept_out_and_find_no_draft(stan, event):
    assert page(stan, event).status_code == 403
    type(event).objects.filter(pk=event.pk).update(status="draft")
    assert page(stan, event).status_code == 404


def test_a_fan_is_sent_to_the_sign_in(fay, event):
    assert page(fay, event).status_code == 302
    assert as_(None).get(screens.address(event)).status_code == 302


def test_the_page_alone_may_use_the_camera(gus, event):
    assert "camera=(self)" in page(gus, event)["Permissions-Policy"]
    assert "camera=()" in as_(gus).get(reverse("admin:ticketing_ticket_door"))["Permissions-Policy"]


def test_the_page_holds_nobodys_name(gus, fay, event, tickets):
    said = page(gus, event).content.decode()
    for secret in (gus.email, gus.full_name, fay.email, tickets[0].holder_name, tickets[0].number):
        assert secret not in said


def test_gates_and_open_lists_are_offered(gus, olga, event, ticket_type):
    ticket_type.gates = ["South"]
    ticket_type.save()
    box = lists.create(event, olga, name="Box level", gates=["North"], ticket_types=[ticket_type])
    closed = lists.create(event, olga, name="Yesterday")
    lists.change(closed, olga, is_active=False)

    offered = settings_of(page(gus, event))

    assert offered["gates"] == ["North", "South"]
    assert [each["id"] for each in offered["lists"]] == [str(box.pk)]


def test_asking_takes_a_constant_number_of_queries(
    gus, olga, event, ticket_type, django_assert_num_queries, django_assert_max_num_queries
):
    client = as_(gus)
    client.get(screens.address(event))
    with django_assert_max_num_queries(20) as asked:
        client.get(screens.address(event))
    for number in range(5):
        lists.create(event, olga, name=f"List {number}", gates=["North"], ticket_types=[ticket_type])
    with django_assert_num_queries(len(asked) + 1):  # the types of the lists, which were none
        client.get(screens.address(event))


def test_a_session_scans_as_a_token_does(gus, event, tickets):
    client = as_(gus)
    code = codes.sign(tickets[0])
    first, second = scan(client, event, code), scan(client, event, code)
    assert (first.json()["result"], second.json()["reason"]) == ("accepted", "already_used")
    assert Scan.objects.filter(ticket=tickets[0], scanned_by=gus).count() == 2


def test_a_forged_request_scans_nothing(gus, event, tickets):
    client = as_(gus, enforce_csrf_checks=True)
    assert scan(client, event, codes.sign(tickets[0])).status_code == 403
    assert not Scan.objects.exists()
    client.get(screens.address(event))
    token = client.cookies["csrftoken"].value
    assert scan(client, event, codes.sign(tickets[0]), x_csrftoken=token).status_code == 200


@pytest.mark.parametrize("name", ["manifest", "counts", "sync"])
def test_what_the_page_asks_is_for_the_door_alone(stan, event, name):
    address = reverse(f"door_scan_{name}", args=[event.pk])
    said = {"device": "phone", "scans": [{}]}
    method = "POST" if name == "sync" else "GET"

    def ask(who: Any) -> int:
        return as_(who).generic(method, address, json.dumps(said), content_type="application/json").status_code

    assert ask(stan) == 403
    type(event).objects.filter(pk=event.pk).update(status="draft")
    assert ask(stan) == 404
    assert ask(None) in (401, 403)


def test_what_is_no_scan_is_refused_field_by_field(gus, event):
    answer = as_(gus).post(reverse("door_scan_scans"), {"code": 7, "event": "x"}, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert {each["field"] for each in answer.json()["error"]["details"]} >= {"event", "nonce"}


def test_the_worker_keeps_every_file_of_the_page(gus, event):
    answer = as_(None).get(reverse("door_scan_worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    kept = answer.content.decode()
    page_said = page(gus, event).content.decode()
    asked_for = re.findall(r'(?:src|href)="(/static/[^"]+)"', page_said)
    for asked in [*asked_for, settings_of(page(gus, event))["decoder"]]:
        assert asked in kept
    for module in screens.MODULES:
        assert f"/trufan/scanner/{module}.js" in kept


def test_the_event_and_the_door_lead_to_it(gus, olga, event):
    assert (
        screens.address(event) in as_(olga).get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    )
    door = reverse("admin:ticketing_ticket_door_event", args=[event.pk])
    assert screens.address(event) in as_(gus).get(door).content.decode()
