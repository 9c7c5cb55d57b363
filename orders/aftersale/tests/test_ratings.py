"""Ratings: one for an order and one for each outlet's part of it, changed while the window is open, plain text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import personal_data
from audit.models import AuditLog
from orders.aftersale.tests.meals import buy, dish, stand, url
from orders.models import Order, OrderRating, OrderTip
from orders.tests.test_holds import place
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, at_once
from trufan.tests.console_client import as_, buttons_on, press
from trufan.tests.console_client import url as page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def grill(venue):
    return stand(venue)


@pytest.fixture
def order(fay, grill, ticket_type):
    return buy(fay, (dish(grill), 1), (ticket_type, 1))


def rate(api, who, order, **said):
    return api.as_(who).post(url(order, "rating"), said, format="json")


def test_a_rating_is_given_and_shown_with_the_order(api, fay, grill, order):
    answer = rate(api, fay, order, stars=5, comment="  I <3 it & more ", outlet=str(grill.pk))

    assert answer.status_code == 200, answer.json()
    assert (answer.json()["stars"], answer.json()["comment"]) == (5, "I <3 it & more")
    assert rate(api, fay, order, stars=4).json()["outlet"] is None
    shown = api.as_(fay).get(url(order)).json()["ratings"]
    assert {(each["outlet"], each["stars"]) for each in shown} == {(str(grill.pk), 5), (None, 4)}
    told = AuditLog.objects.filter(action="rating.given", venue_id=order.venue_id)
    assert told.count() == 2
    assert "<3" not in str(list(told.values("new_values")))


def test_again_changes_what_was_said(api, fay, grill, order):
    for outlet in (None, str(grill.pk)):
        rate(api, fay, order, stars=1, comment="Cold", outlet=outlet)
        rate(api, fay, order, stars=4, outlet=outlet)
    assert list(OrderRating.objects.values_list("stars", "comment")) == [(4, ""), (4, "")]
    assert AuditLog.objects.filter(action="rating.changed").count() == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "stars"),
        ({"stars": 0}, "stars"),
        ({"stars": 6}, "stars"),
        ({"stars": 4.5}, "stars"),
        ({"stars": 5, "comment": "x" * 1_001}, "comment"),
        ({"stars": 5, "comment": "<script>alert(1)</script>"}, "comment"),
        ({"stars": 5, "comment": "nice </b>"}, "comment"),
        ({"stars": 5, "comment": "a <!-- b"}, "comment"),
        ({"stars": 5, "comment": "a\u202eb"}, "comment"),
        ({"stars": 5, "outlet": "grill"}, "outlet"),
        ({"stars": 5, "outlet": "0199f3a2-a100-7c11-8f00-1b2c3d4e5f60"}, "outlet"),
    ],
)
def test_what_is_no_rating_is_refused(api, fay, order, said, field):
    answer = rate(api, fay, order, **said)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field
    assert not OrderRating.objects.exists()


def test_an_outlet_that_made_nothing_of_it_is_not_rated(api, fay, venue, order):
    assert rate(api, fay, order, stars=5, outlet=str(stand(venue, "Bar").pk)).status_code == 422


def test_lines_of_a_comment_stay_lines(api, fay, order):
    assert rate(api, fay, order, stars=5, comment="Hot.\r\nFast.").json()["comment"] == "Hot.\r\nFast."


def test_what_was_not_paid_is_not_rated(api, fay, ticket_type):
    answer = rate(api, fay, place(fay, (ticket_type, 1)), stars=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_rateable")


def test_after_the_window_nothing_is_rated_or_changed(api, fay, order, settings):
    rate(api, fay, order, stars=5)
    long_ago = timezone.now() - timedelta(hours=settings.TIP_WINDOW_HOURS + 1)
    Order.objects.filter(pk=order.pk).update(paid_at=long_ago)
    order.fulfilments.update(promised_at=long_ago)
    answer = rate(api, fay, order, stars=1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "window_closed")
    assert OrderRating.objects.get().stars == 5


def test_the_buyer_rates_and_nobody_else(api, olga, stan, order):
    assert [rate(api, who, order, stars=1).status_code for who in (olga, stan, UserFactory(), None)] == [404] * 4


def test_a_person_takes_away_what_they_said_and_gave(api, fay, order):
    rate(api, fay, order, stars=5, comment="My seat is 12")
    api.as_(fay).post(url(order, "tips"), {"amount": 100}, format="json")
    kept = personal_data.export_all(fay)["tips_and_ratings"]
    assert [(each["order"], each["stars"], each["comment"]) for each in kept["ratings"]] == [
        (order.number, 5, "My seat is 12")
    ]
    assert [(each["amount"], each["status"]) for each in kept["tips"]] == [(100, "paid")]
    assert personal_data.export_all(UserFactory())["tips_and_ratings"] == {"tips": [], "ratings": []}

    personal_data.erase_all(fay, timezone.now())
    assert (OrderRating.objects.get().comment, OrderRating.objects.get().stars) == ("", 5)
    assert OrderTip.objects.get().amount_paid == 100


# -- The console --


def test_the_console_lists_ratings_with_the_average_of_each_outlet(fay, olga, stan, venue, grill, order, api):
    other = buy(fay, (dish(grill, "Fries"), 1))
    for each, stars in ((order, 5), (other, 4)):
        rate(api, fay, each, stars=stars, outlet=str(grill.pk))
    rate(api, fay, order, stars=1, comment="Slow queue")
    answer = as_(olga).get(page_of(OrderRating, "changelist"))
    (section,) = answer.context["sections"]
    assert section.table["rows"] == [[venue.name, "Grill", 2, "4.5"], [venue.name, "the whole order", 1, "1.0"]]
    page = answer.content.decode()
    for expected in ("★★★★★", "★☆☆☆☆", "Slow queue", order.number):
        assert expected in page
    strangers = as_(stan).get(page_of(OrderRating, "changelist"))
    assert strangers.context["sections"][0].table["rows"] == []
    rating = OrderRating.objects.first()
    assert as_(olga).post(page_of(OrderRating, "change", rating.pk), {"stars": 5}).status_code == 403


def test_an_orders_page_shows_its_papers_tips_and_ratings(api, fay, olga, order, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        rate(api, fay, order, stars=2, comment="Lukewarm")
        api.as_(fay).post(url(order, "tips"), {"amount": 100}, format="json")
        api.as_(fay).get(url(order, "receipt"))
    page = as_(olga).get(page_of(Order, "change", order.pk)).content.decode()
    for expected in ("Receipts and credit notes", "000001", "Receipt for a tip", "Tips after the sale", "$1.00",
                     "2 of 5", "Lukewarm", page_of(OrderTip, "change", OrderTip.objects.get().pk)):  # fmt: skip
        assert expected in page
    link = page.partition("/receipts/1?key=")[2].partition('"')[0]
    assert api.get(url(order, "receipts", "1"), {"key": link}).status_code == 200


def test_the_console_refunds_a_tip(api, fay, olga, gus, order, django_capture_on_commit_callbacks):
    api.as_(fay).post(url(order, "tips"), {"amount": 100}, format="json")
    given = OrderTip.objects.get()
    assert (buttons_on(gus, given), buttons_on(olga, given)) == (set(), {"refund"})
    with django_capture_on_commit_callbacks(execute=True):
        said = press(olga, given, "refund", reason="By mistake")
    assert said == f"The refund of the tip on order {order} is under way."
    given.refresh_from_db()
    assert given.status == "refunded"
    assert "2 of 5" not in as_(olga).get(page_of(OrderTip, "change", given.pk)).content.decode()
    assert buttons_on(olga, given) == set()


def test_an_order_shows_many_ratings_in_as_many_queries_as_one(api, fay, olga, venue, grill, order):
    def queries():
        with CaptureQueriesContext(connection) as taken:
            assert api.as_(fay).get(url(order)).status_code == 200
            assert as_(olga).get(page_of(Order, "change", order.pk)).status_code == 200
        return len(taken)

    rate(api, fay, order, stars=5, outlet=str(grill.pk))
    queries()
    few = queries()
    for n in range(8):
        OrderRating.objects.create(order=order, outlet=stand(venue, f"Stand {n}"), stars=3)
        OrderTip.objects.create(order=order, amount_total=1, currency="USD", status="refunded")
    assert queries() == few


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_ratings_at_once_are_one():
    from orders.aftersale.rating import rate as give

    fan = UserFactory()
    order = buy(fan, (TicketTypeFactory(event=EventFactory()), 1))
    at_once(6, lambda n: give(order, stars=n % 5 + 1, comment="", by=fan, now=timezone.now()))
    assert OrderRating.objects.count() == 1
