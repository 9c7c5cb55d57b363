"""An event's refund policy is understood when it is written, or refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events import planning
from events.refund_policy import RefundPolicy, policy_of
from trufan.lib.errors import Invalid

AT = "configuration.refund_policy"


def test_a_policy_reads_as_it_was_written(event, olga):
    given = {"refund_policy": {"until_hours_before_start": 48, "keep_fees": True, "keep_percent": 10}}
    event = planning.change(event, olga, configuration=given)
    assert policy_of(event) == RefundPolicy(48, keep_fees=True, keep_percent=10)


@pytest.mark.parametrize("configuration", [{}, {"refund_policy": None}, {"theme": "dark"}])
def test_without_a_policy_there_is_none(event, olga, configuration):
    assert policy_of(planning.change(event, olga, configuration=configuration)) is None


def test_keeping_nothing_is_what_a_policy_does_by_itself(event, olga):
    event = planning.change(event, olga, configuration={"refund_policy": {"until_hours_before_start": 0}})
    assert policy_of(event) == RefundPolicy(0, keep_fees=False, keep_percent=0)


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ("always", AT),
        ([], AT),
        ({}, f"{AT}.until_hours_before_start"),
        ({"until_hours_before_start": -1}, f"{AT}.until_hours_before_start"),
        ({"until_hours_before_start": True}, f"{AT}.until_hours_before_start"),
        ({"until_hours_before_start": 1.5}, f"{AT}.until_hours_before_start"),
        ({"until_hours_before_start": 10**9}, f"{AT}.until_hours_before_start"),
        ({"until_hours_before_start": 1, "keep_percent": 101}, f"{AT}.keep_percent"),
        ({"until_hours_before_start": 1, "keep_percent": "10"}, f"{AT}.keep_percent"),
        ({"until_hours_before_start": 1, "keep_fees": "yes"}, f"{AT}.keep_fees"),
        ({"until_hours_before_start": 1, "keep_fee": True}, f"{AT}.keep_fee"),
    ],
)
def test_a_policy_that_says_nothing_clear_is_refused_by_field(event, olga, policy, field):
    with pytest.raises(Invalid) as refusal:
        planning.change(event, olga, configuration={"refund_policy": policy})
    assert [each.field for each in refusal.value.details] == [field]
    event.refresh_from_db()
    assert event.configuration == {}


def test_a_new_event_is_refused_the_same_way(venue, olga, api):
    starts_at = timezone.now() + timedelta(days=3)
    body = {
        "venue": str(venue.pk), "name": "Late Show", "category": "concert", "capacity": 10, "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2), "configuration": {"refund_policy": {"keep_percent": 5}},
    }  # fmt: skip
    answer = api.as_(olga).post("/api/v1/events", body, format="json")
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == f"{AT}.until_hours_before_start"
