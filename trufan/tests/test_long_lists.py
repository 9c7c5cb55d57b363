"""Long lists are walked through from where the last page ended: nothing twice, nothing left out, nothing counted."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from orders.models import Order
from orders.tests.carts import buy
from trufan.lib import keyset

pytestmark = pytest.mark.django_db
URL = "/api/v1/orders"


@pytest.fixture
def me(api, fay):
    return api.as_(fay)


@pytest.fixture
def orders(fay, ticket_type):
    """Twenty-five, five at each of five moments, of three amounts."""
    made = [buy(fay, (ticket_type, 1 + at % 3)) for at in range(25)]
    now = timezone.now()
    for at, order in enumerate(made):
        Order.objects.filter(pk=order.pk).update(created_at=now - timedelta(minutes=at // 5))
    return made


def walk(me, url):
    """The rows of all pages, and how many pages."""
    rows, pages = [], 0
    while url:
        page = me.get(url).json()
        assert (page["count"], page["previous"]) == (None, None)
        rows, pages, url = [*rows, *page["results"]], pages + 1, page["next"]
    return rows, pages


@pytest.mark.parametrize("ordering", ["", "created_at", "-created_at", "amount_total", "-amount_total,created_at"])
def test_all_rows_come_once_and_in_the_lists_order(me, orders, ordering):
    plain = f"{URL}?ordering={ordering}" if ordering else f"{URL}?"
    rows, pages = walk(me, f"{plain}&after=&limit=10")
    assert [row["id"] for row in rows] == [row["id"] for row in me.get(plain).json()["results"]]
    assert (len(rows), pages) == (25, 3)


def test_a_whole_last_page_is_the_last(me, orders):
    rows, pages = walk(me, f"{URL}?after=&limit=5")
    assert (len(rows), pages) == (25, 5)
    assert walk(me, f"{URL}?after=&search=nothing") == ([], 1)


def test_what_changes_meanwhile_moves_no_other_row(me, fay, ticket_type, orders):
    first = me.get(f"{URL}?after=&limit=10").json()
    for _ in range(3):
        buy(fay, (ticket_type, 1))
    gone = first["results"][-1]["id"]
    Order.objects.filter(pk=gone).update(created_at=timezone.now() - timedelta(days=9))
    rows, _ = walk(me, first["next"])
    # The three new ones stand before; the one that was moved is met where it stands now.
    assert len(rows) == 15 + 1
    assert rows[-1]["id"] == gone


def test_a_page_however_far_is_neither_counted_nor_skipped_to(me, orders, django_assert_num_queries):
    far = me.get(f"{URL}?after=&limit=20").json()["next"]
    with django_assert_num_queries(2):  # the orders and their lines
        assert len(me.get(far).json()["results"]) == 5


def test_others_rows_are_not_walked_to(api, me, gus, orders):
    far = me.get(f"{URL}?after=&limit=2").json()["next"]
    assert api.as_(gus).get(far).json()["results"] == []


def cursor(values) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "given",
    [
        "x", "%%%", "é", "A" * 501, cursor(1), cursor({}), cursor(["2026-01-01"]), cursor(["soon", "x"]),
        cursor([1, 2]), cursor(["2026-01-01T00:00:00Z", "no id"]), cursor(["2026-01-01T00:00:00Z", "\x00"]),
        cursor(["[" * 90, "\ud800"]),
        cursor(["99999-01-01T00:00:00Z", "0199f3a2-a000-7d3a-a1b2-c3d4e5f60717"]),
    ],
)  # fmt: skip
def test_what_is_no_cursor_is_told_so(me, orders, given):
    answer = me.get(URL, {"after": given})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "after"


def test_a_number_beyond_its_column_is_no_cursor(me, orders):
    given = cursor([str(10**30), str(orders[0].pk)])
    assert me.get(URL, {"ordering": "amount_total", "after": given}).status_code == 422


def test_it_is_either_skipped_or_walked(me, orders):
    assert me.get(f"{URL}?after=&skip=3").json()["error"]["details"][0]["code"] == "contradictory"


def test_an_order_by_what_another_table_has_can_be_skipped_through_alone(me):
    answer = me.get("/api/v1/tickets?ordering=starts_at&after=")
    assert answer.json()["error"]["details"][0]["code"] == "unknown_ordering"


def test_an_order_by_what_may_be_empty_too(me):
    assert me.get("/api/v1/payments?ordering=settled_at&after=").status_code == 422


def test_a_list_that_does_not_grow_knows_no_after(api, event):
    assert api.as_(None).get("/api/v1/events?after=").json()["count"] == 1


@pytest.mark.postgres
def test_the_next_page_is_sought_in_an_index(fay, orders):
    rows = Order.objects.filter(user=fay).order_by("-created_at", "-id")
    terms = keyset._terms(rows)
    far = keyset._beyond(rows, terms, keyset._cursor(rows[19], terms))[:21]
    with connection.cursor() as asked:
        asked.execute("SET LOCAL enable_seqscan = off")
        asked.execute("SET LOCAL enable_bitmapscan = off")
    plan = far.explain()
    assert "Index Cond" in plan and "created_at <=" in plan.split("Filter")[0], plan
