"""Tickets sold over the counter are sent afterwards, when the buyer asks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from notifications.models import Notification
from ticketing.models import DoorSale
from trufan.lib.ids import uuid7
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale(bea, event, ticket_type) -> DoorSale:
    address = reverse("admin:ticketing_doorsale_sell_event", args=[event.pk])
    as_(bea).post(address, {f"quantity_{ticket_type.pk}": "2", "method": "cash", "key": str(uuid7())})
    return DoorSale.objects.get()


def send(user, sale, **typed):
    address = reverse("admin:ticketing_doorsale_sell_send", args=[sale.pk])
    return as_(user).post(address, {"key": str(uuid7()), **typed})


def sent():
    return Notification.objects.filter(template="order_paid")


def test_an_address_that_comes_later_gets_the_tickets(bea, sale):
    assert not sent().exists()
    answer = send(bea, sale, email="Fan@example.com")
    assert answer.status_code == 302
    sale.order.refresh_from_db()
    assert sale.order.contact_email == "fan@example.com"
    assert sent().get().attachments
    assert "They are on their way." in as_(bea).get(answer["Location"]).content.decode()


def test_the_same_form_twice_sends_once_and_a_new_one_sends_again(bea, sale):
    key = str(uuid7())
    send(bea, sale, email="fan@example.com", key=key)
    send(bea, sale, email="fan@example.com", key=key)
    assert sent().count() == 1
    send(bea, sale, email="fan@example.com")
    assert sent().count() == 2


def test_who_proved_the_address_theirs_finds_the_tickets_in_the_account(bea, sale, fay):
    send(bea, sale, email=fay.email)
    sale.order.refresh_from_db()
    assert sale.order.user == fay
    assert set(sale.order.tickets.values_list("holder", flat=True)) == {fay.pk}


def test_another_buyers_tickets_are_not_sent_elsewhere(bea, sale):
    send(bea, sale, email="fan@example.com")
    answer = send(bea, sale, email="eve@example.com")
    assert answer.status_code == 409
    assert "another address" in answer.content.decode()
    assert sent().count() == 1


@pytest.mark.parametrize("typed", [{}, {"email": "fay"}, {"phone": "12"}])
def test_what_is_no_address_is_refused(bea, sale, typed):
    assert send(bea, sale, **typed).status_code == 409
    assert not sent().exists()


def test_nobody_of_another_venue_sends_and_nobody_by_a_link(stan, bea, sale):
    assert send(stan, sale, email="stan@example.com").status_code == 404
    assert as_(bea).get(reverse("admin:ticketing_doorsale_sell_send", args=[sale.pk])).status_code == 405
    assert not sent().exists()
