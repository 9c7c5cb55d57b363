"""From placed to handed over, and a step back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.models import AuditLog
from notifications.models import Notification
from orders.errors import TooLateToStepBack
from orders.kitchen import moves
from orders.kitchen.tests.kitchens import bring_to, order_food, ordered, url
from orders.models import Fulfilment
from trufan.lib.errors import DomainError, InvalidMove
from trufan.testing import OutletFactory, ProductVariantFactory, UserFactory, VenueFactory

pytestmark = pytest.mark.django_db
SEAT = {"method": "seat", "section": "112", "row": "A", "seat": "12"}


def test_from_placed_to_picked_up_with_the_time_of_each_state(api, fay, cook, burger):
    fulfilment, kitchen = ordered(fay, (burger, 2)), api.as_(cook)
    for move, status, stamp, then in (
        ("accept", "accepted", "accepted_at", "prepare"),
        ("prepare", "preparing", "preparing_at", "ready"),
        ("ready", "ready", "ready_at", "pick-up"),
        ("pick-up", "picked_up", "ended_at", ""),
    ):
        answer = kitchen.post(url(fulfilment, move))
        assert answer.status_code == 200, answer.json()
        said = answer.json()
        assert (said["status"], said["next_move"]) == (status, then)
        assert said["times"][stamp] is not None
    actions = AuditLog.objects.filter(entity_id=fulfilment.pk).order_by("created_at").values_list("action", "actor")
    assert list(actions) == [(f"fulfilment.{status}", cook.pk) for status in ("accepted", "preparing", "ready",
                                                                              "picked_up")]  # fmt: skip


def test_to_a_seat(api, fay, cook, burger):
    fulfilment, kitchen = ordered(fay, (burger, 1), delivery=SEAT), api.as_(cook)
    assert kitchen.post(url(fulfilment, "ready")).json()["next_move"] == "send-out"
    assert kitchen.post(url(fulfilment, "send-out")).json()["status"] == "out_for_delivery"
    said = kitchen.post(url(fulfilment, "deliver")).json()
    assert said["status"] == "delivered"
    assert said["delivery"] == {**SEAT, "note": ""}
    assert said["times"]["sent_out_at"] and said["times"]["ended_at"]


def test_a_step_taken_twice_is_taken_once(api, fay, cook, burger):
    fulfilment, kitchen = ordered(fay, (burger, 1)), api.as_(cook)
    first = kitchen.post(url(fulfilment, "accept"))
    assert kitchen.post(url(fulfilment, "accept")).json() == first.json()
    assert AuditLog.objects.filter(action="fulfilment.accepted").count() == 1


@pytest.mark.parametrize(
    ("steps", "move"),
    [
        ([], "pick-up"), ([], "deliver"), ([], "send-out"), (["prepare"], "accept"), (["ready"], "prepare"),
        (["ready", "pick-up"], "ready"), (["ready", "pick-up"], "accept"), (["accept"], "deliver"),
    ],
)  # fmt: skip
def test_a_step_that_does_not_follow_is_a_conflict(api, fay, cook, burger, steps, move):
    fulfilment = bring_to(ordered(fay, (burger, 1)), *steps)
    answer = api.as_(cook).post(url(fulfilment, move))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "invalid_state")
    before = fulfilment.status
    fulfilment.refresh_from_db()
    assert fulfilment.status == before


def test_what_is_picked_up_is_not_sent_out(api, fay, cook, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "ready")
    answer = api.as_(cook).post(url(fulfilment, "send-out"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_delivered")


def test_a_step_back_forgets_the_time_of_the_state_and_goes_where_it_came_from(api, fay, cook, burger):
    fulfilment, kitchen = bring_to(ordered(fay, (burger, 1)), "accept", "ready"), api.as_(cook)
    for _ in range(2):  # sent twice, one step
        said = kitchen.post(url(fulfilment, "back"), {"from_status": "ready"}).json()
        assert (said["status"], said["times"]["ready_at"]) == ("accepted", None)
    assert kitchen.post(url(fulfilment, "back"), {"from_status": "accepted"}).json()["status"] == "placed"
    refused = kitchen.post(url(fulfilment, "back"), {"from_status": "placed"})
    assert refused.status_code == 409


def test_a_step_back_from_another_state_than_meant_is_a_conflict(api, fay, cook, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "accept", "ready")
    assert api.as_(cook).post(url(fulfilment, "back"), {"from_status": "accepted"}).status_code == 409
    assert api.as_(cook).post(url(fulfilment, "back"), {}).status_code == 422


def test_what_was_handed_over_comes_back_for_half_an_hour(fay, cook, burger):
    now = timezone.now()
    fulfilment = bring_to(ordered(fay, (burger, 1)), "ready", "pick-up")
    with pytest.raises(TooLateToStepBack):
        moves.back(fulfilment, since="picked_up", by=cook, now=now + timedelta(minutes=31))
    back = moves.back(fulfilment, since="picked_up", by=cook, now=now + timedelta(minutes=29))
    assert (back.status, back.ended_at) == ("ready", None)


def test_whose_number_went_to_another_meanwhile_gets_a_new_one(fay, cook, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1)), "ready", "pick-up")
    other = ordered(fay, (burger, 1))
    Fulfilment.objects.filter(pk=other.pk).update(pickup_number=fulfilment.pickup_number)
    back = moves.back(fulfilment, since="picked_up", by=cook, now=timezone.now())
    assert back.status == "ready"
    assert back.pickup_number != fulfilment.pickup_number


def test_age_is_checked_when_it_is_handed_over(api, fay, cook, stand):
    beer = ProductVariantFactory(product__outlet=stand, product__minimum_age=21)
    fulfilment = bring_to(ordered(fay, (beer, 1)), "ready")
    assert (fulfilment.needs_age_check, fulfilment.minimum_age) == (True, 21)
    kitchen = api.as_(cook)
    answer = kitchen.post(url(fulfilment, "pick-up"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "age_check_needed")
    assert kitchen.post(url(fulfilment, "pick-up"), {"age_confirmed": True}).json()["status"] == "picked_up"
    fulfilment.refresh_from_db()
    assert fulfilment.age_checked_at is not None


def test_the_buyer_is_told_once_of_each_state(fay, cook, burger):
    fulfilment = bring_to(ordered(fay, (burger, 1), delivery=SEAT), "accept", "ready")
    moves.back(fulfilment, since="ready", by=cook, now=timezone.now())
    bring_to(fulfilment, "ready", "send-out")
    told = Notification.objects.filter(template__startswith="fulfilment_").order_by("created_at")
    assert [row.template for row in told] == ["fulfilment_accepted", "fulfilment_ready", "fulfilment_on_its_way"]
    assert {(row.recipient, row.context["place"]) for row in told} == {(fay.email, "Section 112, row A, seat 12")}


@pytest.mark.parametrize("move", ["accept", "ready", "pick-up", "refuse", "back"])
def test_who_may_move(api, fay, gus, stan, olga, burger, move):
    fulfilment = ordered(fay, (burger, 1))
    body = {"reason": "No", "from_status": "ready"}
    assert api.post(url(fulfilment, move), body).status_code == 401
    assert api.as_(fay).post(url(fulfilment, move), body).status_code == 404
    assert api.as_(stan).post(url(fulfilment, move), body).status_code == 404
    assert api.as_(gus).post(url(fulfilment, move), body).status_code == 403
    assert api.as_(olga).post(url(fulfilment, move), body).status_code in (200, 409)


class AnySequence(TestCase):
    """Whatever staff press, a fulfilment stands in one state, with the times of those that it passed."""

    @given(st.lists(st.sampled_from([*moves.STEPS, "back"]), max_size=12))
    def test_times_tell_the_state(self, pressed):
        burger = ProductVariantFactory(
            product__outlet=OutletFactory(venue=VenueFactory(), offers_seat_delivery=True), price=0
        )
        row = order_food(UserFactory(), (burger, 1), delivery=SEAT).fulfilments.get()
        for name in pressed:
            try:
                if name == "back":
                    row = moves.back(row, since=row.status, by=None, now=timezone.now())
                else:
                    row = moves.step(row, name, by=None, now=timezone.now())
            except DomainError as refusal:
                assert isinstance(refusal, InvalidMove)
            row.refresh_from_db()
            stamps = {"accepted": row.accepted_at, "preparing": row.preparing_at, "ready": row.ready_at,
                      "out_for_delivery": row.sent_out_at, "picked_up": row.ended_at, "delivered": row.ended_at,
                      "placed": row.created_at}  # fmt: skip
            assert stamps[row.status] is not None
            assert (row.ended_at is None) == row.is_open
