"""The queue of an outlet and the list of its runners."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import refunding
from orders.kitchen import queue
from orders.kitchen.tests.kitchens import bring_to, order_food, ordered
from orders.models import Fulfilment, Order, OrderItem, Outlet
from orders.refund_plan import AskedLine
from trufan.testing import OutletFactory, ProductVariantFactory, UserFactory

pytestmark = pytest.mark.django_db


def to(seat, row="A", section="112"):
    return {"method": "seat", "section": section, "row": row, "seat": seat}


def get(api, who, outlet, what="queue"):
    return api.as_(who).get(f"/api/v1/outlets/{outlet.pk}/{what}")


def test_the_queue_holds_what_is_open_oldest_first_and_marks_the_late(api, fay, cook, stand, burger, venue):
    now = timezone.now()
    young = ordered(fay, (burger, 1), now=now)
    late = ordered(fay, (burger, 2), delivery=to("12"), now=now - timedelta(hours=1))
    waiting = bring_to(ordered(fay, (burger, 1), now=now - timedelta(minutes=30)), "ready")
    bring_to(ordered(fay, (burger, 1), now=now - timedelta(hours=2)), "ready", "pick-up")
    ordered(fay, (ProductVariantFactory(product__outlet=OutletFactory(venue=venue)), 1))

    said = get(api, cook, stand).json()

    assert (said["count"], said["late"], said["outlet"]["name"]) == (3, 1, "Burger Stand")
    shown = [(row["id"], row["is_late"], row["status"]) for row in said["fulfilments"]]
    assert shown == [
        (str(late.pk), True, "placed"),
        (str(waiting.pk), False, "ready"),
        (str(young.pk), False, "placed"),
    ]
    first = said["fulfilments"][0]
    assert first["delivery"] == {**to("12"), "note": ""}
    assert (first["order"], first["lines"][0]["description"]) == (late.order.number, "Burger")


def test_lines_come_with_options_and_wishes(api, fay, cook, stand, burger):
    ordered(fay, (burger, 1))
    picks = [{"group": "Extras", "name": "Bacon", "quantity": 2}, {"group": "Bun", "name": "Rye", "quantity": 1}]
    OrderItem.objects.update(options={"chosen": picks, "note": "no onions"})
    (line,) = get(api, cook, stand).json()["fulfilments"][0]["lines"]
    assert (line["options"], line["note"]) == (["2 × Bacon", "Rye"], "no onions")


def test_who_may_look(api, fay, gus, stan, olga, cook, stand):
    for what in ("queue", "deliveries"):
        assert get(api, None, stand, what).status_code == 401
        assert get(api, fay, stand, what).status_code == 404
        assert get(api, stan, stand, what).status_code == 404
        assert get(api, gus, stand, what).status_code == 403
        assert get(api, olga, stand, what).status_code == 200
        assert get(api, cook, stand, what).status_code == 200


def test_the_runners_list_goes_by_section_row_and_seat(api, fay, cook, stand, burger):
    for section, row, seat in (("12", "A", "1"), ("9", "B", "2"), ("9", "A", "10"), ("9", "A", "9"), ("Lawn", "", "3")):
        bring_to(ordered(fay, (burger, 1), delivery=to(seat, row, section)), "ready")
    bring_to(Fulfilment.objects.get(section="12"), "send-out")
    ordered(fay, (burger, 1), delivery=to("5", section="9"))  # not made yet
    bring_to(ordered(fay, (burger, 1)), "ready")  # picked up

    said = get(api, cook, stand, "deliveries").json()

    assert said["count"] == 5
    places = {
        each["section"]: [(row["delivery"]["row"], row["delivery"]["seat"]) for row in each["fulfilments"]]
        for each in said["sections"]
    }
    assert places == {"9": [("A", "9"), ("A", "10"), ("B", "2")], "12": [("A", "1")], "LAWN": [("", "3")]}
    assert [each["section"] for each in said["sections"]] == ["9", "12", "LAWN"]


def test_a_long_queue_takes_as_many_queries_as_a_short_one(api, fay, cook, stand, burger, olga):
    def look(what):
        with CaptureQueriesContext(connection) as queries:
            assert get(api, cook, stand, what).status_code == 200
        return len(queries)

    def more(count):
        for n in range(count):
            order = order_food(UserFactory(), (burger, 2), delivery=to(str(n), section=str(n % 3)))
            asked = [AskedLine(order.items.get().pk, 1)]
            refunding.request(order, asked=asked, by=olga, reason="One less", now=timezone.now())
            bring_to(order.fulfilments.get(), "ready")

    more(2)
    look("queue")  # what the caller may do is read once
    few = [look(what) for what in ("queue", "deliveries")]
    more(8)
    assert [look(what) for what in ("queue", "deliveries")] == few
    assert max(few) == 5


def test_a_queue_that_is_longer_than_is_shown_says_so(fay, stand, burger, monkeypatch):
    monkeypatch.setattr(queue, "LIMIT", 2)
    for _ in range(3):
        ordered(fay, (burger, 1))
    found = queue.queue_of(stand, timezone.now())
    assert (found.count, len(found.fulfilments)) == (3, 2)


@pytest.mark.postgres
def test_ten_thousand_past_orders_do_not_slow_the_queue(fay, stand, burger):
    """The partial index holds what is open and nothing else."""
    now = timezone.now()
    order_food(fay, (burger, 1))
    past = [Order(venue=stand.venue, currency="USD", status="paid") for _ in range(10_000)]
    Order.objects.bulk_create(past)
    Fulfilment.objects.bulk_create(
        Fulfilment(order=order, outlet=stand, status="picked_up", pickup_number=n % 900 + 100, promised_at=now,
                   ended_at=now, created_at=now - timedelta(minutes=n))
        for n, order in enumerate(past)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_fulfilment")

    (plan,) = json.loads(queue.open_at(stand)[: queue.LIMIT].explain(format="json", analyze=True))

    text = json.dumps(plan)
    assert "fulfilment_queue" in text
    assert "Seq Scan" not in text
    assert plan["Plan"]["Actual Rows"] == 1
    assert [row.status for row in queue.queue_of(stand, now).fulfilments] == ["placed"]


def test_counts_of_all_kitchens_cost_one_query(fay, venue, stand, burger, django_assert_num_queries):
    now = timezone.now()
    ordered(fay, (burger, 1), now=now - timedelta(hours=1))
    ordered(fay, (burger, 1), now=now)
    bring_to(ordered(fay, (burger, 1), now=now - timedelta(hours=1)), "ready")
    bring_to(ordered(fay, (burger, 1), delivery=to("12"), now=now - timedelta(hours=1)), "ready")
    OutletFactory(venue=venue)
    outlets = list(Outlet.objects.all())
    assert queue.queue_of(stand, now).late == 2
    with django_assert_num_queries(1):
        assert queue.counts(outlets, now) == {stand.pk: (4, 2)}
