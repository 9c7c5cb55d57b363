"""The search box finds what people read out, opens what is exact, and shows nobody what is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.checkout import Contact
from orders.tests.carts import buy
from parking.models import ParkingSession
from ticketing import codes
from ticketing.models import Ticket
from trufan.testing import CapacityFactory, EventFactory, TicketTypeFactory, UserFactory
from trufan.tests.console_client import as_
from trufan.tests.console_rows import rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(event):
    EventFactory._meta.model.objects.filter(pk=event.pk).update(ends_at=timezone.now() + timedelta(hours=5))
    kind = TicketTypeFactory(event=event, price=0)
    contact = Contact(email="rui@example.com", phone="+351912345678", name="Rui Costa")
    order = buy(UserFactory(), (kind, 1), contact=contact)
    Ticket.objects.filter(order=order).update(holder_name="Rui Costa")
    return order


def find(person, words: str):
    return as_(person).get(reverse("console_find"), {"q": words})


def named(answer) -> str:
    return " ".join(each.name for rows in answer.context["found"].values() for each in rows)


@pytest.mark.parametrize("said", ["rui@example.com", "+351912345678", "Rui", "costa"])
def test_a_buyer_is_found_by_what_they_say(olga, sold, said):
    assert "Rui Costa" in named(find(olga, said))


def test_a_number_is_found_from_its_beginning_however_it_is_read_out(olga, sold):
    said = sold.number[:6].lower().replace("0", "o").replace("1", "l")
    assert sold.number in named(find(olga, said))


def test_a_whole_number_opens_its_page(olga, sold):
    answer = find(olga, sold.number)
    assert answer.headers["Location"] == reverse("admin:orders_order_change", args=[sold.pk])


def test_a_scanned_code_opens_its_ticket(olga, gus, sold):
    ticket = Ticket.objects.get(order=sold)
    for person in (olga, gus):
        answer = find(person, codes.sign(ticket))
        assert answer.headers["Location"] == reverse("admin:ticketing_ticket_change", args=[ticket.pk])


def test_a_car_is_found_by_its_plate(olga, venue):
    rows = rows_of(venue, "Quixote")
    stay = rows[ParkingSession]
    ParkingSession.objects.filter(pk=stay.pk).update(plate="AB 12 CD", plate_key="A812C0", status="active")
    assert "AB 12 CD" in named(find(olga, "ab-12-cd"))


def test_staff_and_accounts_are_found_by_who_may_see_them(olga, gus, ada, fay):
    assert "Gus" in named(find(olga, "Gus"))
    assert "Gus" not in named(find(gus, "Gus"))
    assert find(ada, "fay@example.com").headers["Location"] == reverse("admin:accounts_user_change", args=[fay.pk])
    assert "Fay" not in named(find(olga, "fay@example.com"))


def test_nothing_of_another_venue_is_found(stan, venue, sold):
    rows_of(venue, "Zanzibar")
    ticket = Ticket.objects.get(order=sold)
    for words in (
        "Zanzibar",
        "rui@example.com",
        "+351912345678",
        sold.number,
        ticket.number,
        codes.sign(ticket),
        "Rui",
    ):
        answer = find(stan, words)
        assert (answer.status_code, answer.context["found"]) == (200, {})


@pytest.mark.parametrize("words", ["", "a", "  ", "%", "__", "😀😀", "a" * 400, "+", "+1", "@@", "'; --"])
def test_anything_may_be_typed(olga, sold, words):
    assert find(olga, words).status_code == 200


def test_it_takes_as_many_queries_for_many_as_for_few(olga, venue, django_assert_max_num_queries):
    CapacityFactory(lot__venue=venue)
    kind = TicketTypeFactory(event__venue=venue, price=0)
    buy(UserFactory(), (kind, 1), contact=Contact(name="Pat Person"))
    find(olga, "Pat")
    with django_assert_max_num_queries(40) as few:
        find(olga, "Pat")
    for _ in range(5):
        buy(UserFactory(), (kind, 1), contact=Contact(name="Pat Person"))
    with django_assert_max_num_queries(len(few)):
        find(olga, "Pat")


def test_only_staff_may_search(fay):
    assert find(fay, "Rui").status_code == 302
    assert find(None, "Rui").status_code == 302
