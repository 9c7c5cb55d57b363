"""Reports by e-mail through the API: made, read, changed, paused and sent by who may read the venue's reports."""

from __future__ import annotations

import pytest

from notifications.models import Notification
from reports.models import ReportSchedule

pytestmark = pytest.mark.django_db


def url(venue, *rest) -> str:
    return "/".join([f"/api/v1/venues/{venue.pk}/report-schedules", *map(str, rest)])


def said(person, **more):
    return {"name": "Sales", "report": "sales", "cadence": "weekly", "weekday": 2, "hour": 6, **more} | {
        "recipients": [str(person.pk)]
    }


def test_one_is_made_read_changed_paused_and_sent(api, olga, venue):
    caller = api.as_(olga)
    answer = caller.post(url(venue), said(olga, filters={"channel": "door"}))
    assert answer.status_code == 201, answer.json()
    row = answer.json()
    assert (row["recipients"], row["period"], row["file"]) == ([str(olga.pk)], "yesterday", "xlsx")
    assert caller.get(url(venue)).json()["results"] == [caller.get(url(venue, row["id"])).json()]
    changed = caller.patch(url(venue, row["id"]), {"hour": 9}).json()
    assert changed["hour"] == 9 and changed["next_run_at"] != row["next_run_at"]
    paused = caller.patch(url(venue, row["id"]), {"is_active": False}).json()
    assert (paused["is_active"], paused["next_run_at"]) == (False, None)
    assert caller.patch(url(venue, row["id"]), {"is_active": True}).json()["next_run_at"]
    sent = caller.post(url(venue, row["id"], "send"))
    assert sent.json()["last_result"] == "Sent to 1 of 1."
    assert caller.post(url(venue, row["id"], "send")).status_code == 409
    assert Notification.objects.filter(template="report_ready", user=olga).count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"report": "nonsense"}, "report"),
        ({"hour": 24}, "hour"),
        ({"filters": {"colour": "red"}}, "filters"),
        ({"cadence": "yearly"}, "cadence"),
        ({"group_by": "colour"}, "group_by"),
    ],
)
def test_what_cannot_be_sent_is_named(api, olga, venue, more, field):
    answer = api.as_(olga).post(url(venue), said(olga, **more))
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]


def test_only_readers_get_it_and_only_readers_see_it(api, olga, gus, stan, fay, venue, other_venue):
    for person in (gus, stan):
        answer = api.as_(olga).post(url(venue), said(person))
        assert answer.status_code == 422, person
    made = api.as_(olga).post(url(venue), said(olga)).json()
    assert api.as_(olga).post(url(venue), said(olga)).status_code == 409
    assert api.as_(gus).get(url(venue)).status_code == 403
    assert api.as_(stan).patch(url(venue, made["id"]), {"hour": 1}).status_code in (403, 404)
    assert api.as_(stan).get(url(other_venue, made["id"])).status_code == 404
    assert api.get(url(venue)).status_code == 401
    assert ReportSchedule.objects.get().hour == 6


def test_the_list_costs_the_same_for_many(api, olga, venue, django_assert_max_num_queries):
    caller = api.as_(olga)
    for number in range(6):
        caller.post(url(venue), said(olga, name=f"Report {number}"))
    with django_assert_max_num_queries(6):
        assert caller.get(url(venue)).json()["count"] == 6
