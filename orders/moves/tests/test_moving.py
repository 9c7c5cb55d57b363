"""An event is moved: its buyers keep, or give back until a date, whatever the refund policy says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from notifications.broadcasts.models import Broadcast
from orders import access
from orders.models import Order
from orders.moves.models import EventMove, MoveAnswer
from ticketing.models import Ticket
from ticketing.tests.sales import buy

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def move(api: Any, by: Any, event: Any, **more: Any) -> Any:
    asked = {
        "starts_at": (event.starts_at + 7 * DAY).isoformat(),
        "answer_by": (timezone.now() + 2 * DAY).isoformat(),
        **more,
    }
    return api.as_(by).post(f"/api/v1/events/{event.pk}/moves", asked)


def answer(caller: Any, order: Order, row: Any, chosen: str, **more: Any) -> Any:
    return caller.post(f"/api/v1/orders/{order.pk}/event-moves/{row}/answer", {"answer": chosen}, **more)


def test_the_event_moves_with_its_doors_and_end_and_everybody_is_told_until_when_to_answer(
    api, olga, fay, event, ticket_type
):
    buy(fay, ticket_type)
    was = event.starts_at, event.doors_at, event.ends_at

    answered = move(api, olga, event)

    assert answered.status_code == 201, answered.json()
    event.refresh_from_db()
    assert (event.starts_at, event.doors_at, event.ends_at) == tuple(time + 7 * DAY for time in was)
    row = EventMove.objects.get()
    assert (row.was_starts_at, row.was_doors_at, row.was_ends_at) == was
    assert "answer_by" in Broadcast.objects.get(template="event_moved").context


def test_a_buyer_gives_back_without_any_refund_policy_and_only_once(api, olga, fay, event, ticket_type):
    order = buy(fay, ticket_type, 2)[0].order
    row = move(api, olga, event).json()["id"]
    shown = api.as_(fay).get(f"/api/v1/orders/{order.pk}/event-moves").json()
    assert [(each["id"], each["is_open"], each["answer"]) for each in shown] == [(row, True, None)]

    assert answer(api.as_(fay), order, row, "keep").json()["answer"] == "keep"
    given = answer(api.as_(fay), order, row, "refund")
    assert (given.status_code, given.json()["answer"]) == (200, "refund")
    assert Order.objects.get(pk=order.pk).status == "refunded"
    assert not Ticket.objects.live().exists()
    for chosen in ("refund", "keep"):
        assert answer(api.as_(fay), order, row, chosen).json()["error"]["code"] == "already_answered"
    listed = api.as_(olga).get(f"/api/v1/events/{event.pk}/moves").json()["results"]
    assert [(each["kept"], each["given_back"]) for each in listed] == [(0, 1)]


def test_a_guest_answers_with_the_access_code(api, olga, event, ticket_type):
    order = buy(None, ticket_type)[0].order
    row = move(api, olga, event).json()["id"]
    assert answer(api.as_(None), order, row, "refund").status_code == 404
    given = answer(api.as_(None), order, row, "refund", headers={"X-Order-Access-Code": access.code_for(order)})
    assert given.status_code == 200
    assert Order.objects.get(pk=order.pk).status == "refunded"


def test_what_was_handed_on_or_used_is_not_given_back(api, olga, fay, gus, event, ticket_type):
    handed, used, own = buy(fay, ticket_type, 3)
    Ticket.objects.filter(pk=handed.pk).update(holder=gus)
    Ticket.objects.filter(pk=used.pk).update(status="used", used_at=timezone.now())
    row = move(api, olga, event).json()["id"]

    assert answer(api.as_(fay), own.order, row, "refund").status_code == 200

    left = Ticket.objects.live()
    assert set(left.values_list("pk", flat=True)) == {handed.pk, used.pk}
    assert Order.objects.get(pk=own.order_id).amount_refunded == own.order.amount_total // 3


def test_later_than_the_date_everybody_keeps(api, olga, fay, event, ticket_type):
    order = buy(fay, ticket_type)[0].order
    row = move(api, olga, event).json()["id"]
    with time_machine.travel(timezone.now() + 3 * DAY):
        assert answer(api.as_(fay), order, row, "refund").json()["error"]["code"] == "answer_closed"
    assert not MoveAnswer.objects.exists()


def test_who_bought_for_the_new_date_has_no_choice(api, olga, fay, event, ticket_type):
    row = move(api, olga, event).json()["id"]
    order = buy(fay, ticket_type)[0].order
    assert api.as_(fay).get(f"/api/v1/orders/{order.pk}/event-moves").json() == []
    assert answer(api.as_(fay), order, row, "refund").status_code == 404


def test_nobody_answers_for_another(api, olga, fay, stan, event, ticket_type):
    order = buy(fay, ticket_type)[0].order
    row = move(api, olga, event).json()["id"]
    for stranger in (stan, olga, None):
        assert answer(api.as_(stranger), order, row, "refund").status_code == 404
    assert not MoveAnswer.objects.exists()


def test_service_fees_are_kept_where_that_was_said(api, olga, fay, venue, event, ticket_type):
    venue.ticket_fee_fixed = 100
    venue.save()
    order = buy(fay, ticket_type)[0].order
    row = move(api, olga, event, keep_fees=True).json()["id"]
    answer(api.as_(fay), order, row, "refund")
    order.refresh_from_db()
    assert order.amount_refunded == order.amount_total - 100


def test_who_may_move(api, olga, gus, stan, fay, event):
    for user, statuses in ((stan, (403, 404)), (gus, (403,)), (fay, (403,)), (None, (401,))):
        assert move(api, user, event).status_code in statuses
    assert not EventMove.objects.exists()


def test_what_cannot_be_moved_so(api, olga, event):
    late = (event.starts_at + 30 * DAY).isoformat()
    past = (timezone.now() - DAY).isoformat()
    for wrong in ({"answer_by": late}, {"answer_by": past}, {"starts_at": event.starts_at.isoformat()},
                  {"starts_at": "soon"}, {"also": ["ticket"]}, {"ends_at": event.starts_at.isoformat()}):  # fmt: skip
        assert move(api, olga, event, **wrong).status_code == 422, wrong
    type(event).objects.filter(pk=event.pk).update(status="draft")
    assert move(api, olga, event).json()["error"]["code"] == "not_movable"
    assert not EventMove.objects.exists()


@pytest.mark.parametrize("field", ["starts_at", "ends_at", "doors_at"])
@pytest.mark.parametrize("year", ["0002-01-01", "9000-01-01", "9999-12-31"])
def test_no_event_moves_out_of_the_calendar(api, olga, event, field, year):
    answered = move(api, olga, event, **{field: f"{year}T23:59:59Z"})

    assert answered.status_code == 422
    assert [each["field"] for each in answered.json()["error"]["details"]] == [field]
    assert not EventMove.objects.exists()
