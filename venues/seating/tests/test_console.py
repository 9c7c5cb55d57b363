"""The console draws up plans, takes their seats as files, shows what is wrong with one, and hands them out again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from trufan.tests.console_client import as_, buttons_on, errors_of, press, url
from venues.seating import importing, plans
from venues.seating.models import SeatingPlan
from venues.seating.tests.layouts import block, floor, layout, seat

pytestmark = pytest.mark.django_db
NAMES = ("seats", "csv", "json", "map")


def page(name: str, plan: SeatingPlan) -> str:
    return reverse(f"admin:venues_seatingplan_{name}", args=[plan.pk])


def upload(user: Any, plan: SeatingPlan, content: Any, name: str = "seats.json") -> Any:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return as_(user).post(page("seats", plan), {"file": SimpleUploadedFile(name, text)})


def test_a_plan_is_drawn_up_and_renamed_by_the_rules(olga, venue):
    typed = {"venue": venue.pk, "name": "End stage", "stage_x": "0", "stage_y": "-1.5"}
    assert as_(olga).post(url(SeatingPlan, "add"), typed).status_code == 302
    plan = SeatingPlan.objects.get()
    assert (plan.venue, plan.stage_y) == (venue, -1.5)
    assert "already has a seating plan" in errors_of(as_(olga).post(url(SeatingPlan, "add"), typed))
    as_(olga).post(url(SeatingPlan, "change", plan.pk), typed | {"name": "In the round"})
    plan.refresh_from_db()
    assert plan.name == "In the round"


def test_a_plan_is_retired_and_brought_back_by_buttons(olga, gus, plan):
    assert buttons_on(gus, plan) == set()
    assert buttons_on(olga, plan) == {"retire"}
    assert "is retired" in press(olga, plan, "retire")
    assert buttons_on(olga, plan) == {"bring-back"}
    assert page("seats", plan) not in as_(olga).get(url(SeatingPlan, "change", plan.pk)).content.decode()
    press(olga, plan, "bring-back")
    plan.refresh_from_db()
    assert plan.is_active


def test_a_file_becomes_the_plans_seats(olga, plan):
    assert as_(olga).get(page("seats", plan)).status_code == 200
    answer = upload(olga, plan, layout(block(), floor()))
    assert answer.status_code == 302
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["The seats of End stage are replaced: 8 seats."]
    shown = as_(olga).get(answer["Location"]).content.decode()
    assert page("map", plan) in shown
    assert page("csv", plan) in shown
    csv = as_(olga).get(page("csv", plan))
    assert upload(olga, plan, b"\xef\xbb\xbf" + csv.content, "seats.csv").status_code == 302
    plan.refresh_from_db()
    assert (plan.version, plan.seats.count()) == (2, 8)
    whole = as_(olga).get(page("json", plan))
    assert whole["Content-Disposition"] == 'attachment; filename="seats.json"'
    assert upload(olga, plan, whole.content).status_code == 302
    assert as_(olga).get(page("map", plan))["Content-Type"] == "image/svg+xml"
    row = as_(olga).get(url(SeatingPlan, "changelist")).content.decode()
    assert ">8<" in "".join(row.split())


def test_what_is_wrong_with_a_file_is_shown_with_its_place(olga, plan):
    importing.replace_from_json(plan, layout(block()), olga)
    bad = layout({"name": "113", "seats": [seat("A", "1", x="<east>"), seat("A", "2", y=None)]})
    answer = upload(olga, plan, bad)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "There are 2 problems" in text
    assert "sections[0].seats[0].x" in text
    assert "sections[0].seats[1].y" in text
    assert plan.seats.count() == 8
    for content in (b"{", b'{"sections": [}', b"\xff\xfe", b"nothing"):
        assert upload(olga, plan, content).status_code == 200
    assert as_(olga).post(page("seats", plan), {}).status_code == 200
    plan.refresh_from_db()
    assert plan.version == 1


def test_a_retired_plan_takes_no_file(olga, plan):
    plans.retire(plan, olga)
    assert "is retired" in upload(olga, plan, layout(block())).content.decode()
    assert not plan.seats.exists()


def test_who_sees_a_plan_downloads_it_and_who_manages_events_replaces_it(olga, gus, stan, fay, plan):
    importing.replace_from_json(plan, layout(block()), olga)
    statuses = {
        person: [as_(person).get(page(name, plan)).status_code for name in NAMES] for person in (olga, gus, stan, fay)
    }
    assert statuses[olga] == [200, 200, 200, 200]
    assert statuses[gus] == [403, 200, 200, 200]
    assert statuses[stan] == [404, 404, 404, 404]
    assert statuses[fay] == [302, 302, 302, 302]
    assert [upload(person, plan, layout(block("Mine"))).status_code for person in (gus, stan, fay)] == [403, 404, 302]
    plan.refresh_from_db()
    assert plan.version == 1


@pytest.mark.parametrize("name", NAMES)
def test_an_address_that_is_no_plans_leads_nowhere(olga, name):
    assert as_(olga).get(reverse(f"admin:venues_seatingplan_{name}", args=["none"])).status_code == 404
