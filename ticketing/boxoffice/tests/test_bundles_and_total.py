"""The till sells what the cart sells: bundles, add-ons and promo codes, and tells the sum while one chooses."""

from __future__ import annotations

import pytest
from django.urls import reverse

from orders.models import Order
from payments.book_checks import mismatches
from ticketing.models import DoorSale, Ticket, TicketType
from ticketing.pricing.models import Bundle
from trufan.testing import EventFactory, PromoCodeFactory, TicketTypeFactory
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(event, ticket_type):
    """Four tickets for 150.00 in place of 200.00."""
    bundle = Bundle.objects.create(event=event, name="Family of four", price=15_000)
    bundle.lines.create(ticket_type=ticket_type, count=4)
    return bundle


def counter(event) -> str:
    return reverse("admin:ticketing_doorsale_sell_event", args=[event.pk])


def api_url(event, preview=False) -> str:
    return f"/api/v1/events/{event.pk}/door-sales{'/preview' if preview else ''}"


def test_a_bundle_is_sold_at_its_price_with_its_tickets(bea, event, ticket_type, family):
    TicketType.objects.filter(pk=ticket_type.pk).update(sales_end=event.created_at)
    typed = {f"bundle_{family.pk}": "1", f"quantity_{ticket_type.pk}": "1", "method": "cash"}
    told = as_(bea).post(counter(event), {**typed, "preview": "1"})
    assert "data-total>$200.00<" in told.content.decode()
    assert not Order.objects.exists()
    assert as_(bea).post(counter(event), {**typed, "tendered": "200.00"}).status_code == 302
    sale = DoorSale.objects.get()
    assert (sale.order.amount_total, Ticket.objects.filter(status="valid").count()) == (20_000, 5)
    assert list(mismatches()) == []


def test_the_api_previews_and_sells_the_same(api, bea, event, family):
    PromoCodeFactory(venue=event.venue, code="TEN", kind="percent", ppm=100_000)
    cart = {"bundles": [{"id": str(family.pk), "quantity": 1}], "promo_codes": ["ten"]}
    told = api.as_(bea).post(api_url(event, preview=True), cart)
    assert told.status_code == 200, told.json()
    assert (told.json()["subtotal"], told.json()["discount"], told.json()["total"]) == (15_000, 1_500, 13_500)
    sold = api.as_(bea).post(api_url(event), {**cart, "method": "cash"})
    assert (sold.status_code, sold.json()["total"], len(sold.json()["tickets"])) == (201, 13_500, 4)


def test_nothing_and_what_is_another_events_are_refused(api, bea, event, venue):
    other = EventFactory(venue=venue)
    strange = Bundle.objects.create(event=other, name="Pair", price=100)
    strange.lines.create(ticket_type=TicketTypeFactory(event=other), count=2)
    for preview in (True, False):
        how = {} if preview else {"method": "cash"}
        assert api.as_(bea).post(api_url(event, preview), how).status_code == 422
        cart = {"bundles": [{"id": str(strange.pk), "quantity": 1}], **how}
        answer = api.as_(bea).post(api_url(event, preview), cart).json()["error"]
        assert [(each["field"], each["code"]) for each in answer["details"]] == [
            ("bundles[0].id", "not_for_the_counter")
        ]
    assert not Order.objects.exists()


def test_an_addon_says_what_it_goes_with_and_staff_sell_it_with_or_without(bea, event, ticket_type):
    early = TicketTypeFactory(event=event, name="Early entry", price=1_000)
    early.addon_of.add(ticket_type)
    assert "Goes with: General Admission." in as_(bea).get(counter(event)).content.decode()
    alone = {f"quantity_{early.pk}": "1", "method": "cash"}
    assert "data-total>$10.00<" in as_(bea).post(counter(event), {**alone, "preview": "1"}).content.decode()
    none = {f"quantity_{early.pk}": "9999", "method": "cash", "preview": "1"}
    refused = as_(bea).post(counter(event), none).content.decode()
    assert "notice refusal" in refused and "data-total" not in refused
    both = {**alone, f"quantity_{ticket_type.pk}": "1"}
    assert "data-total>$60.00<" in as_(bea).post(counter(event), {**both, "preview": "1"}).content.decode()
    assert as_(bea).post(counter(event), both).status_code == 302


def test_of_a_type_with_a_least_price_one_says_what_each_pays(bea, event):
    kind = TicketTypeFactory(event=event, name="Pay what you can", price=2_000, min_price=500)
    typed = {f"quantity_{kind.pk}": "2", f"amount_{kind.pk}": "7.50", "method": "cash"}
    assert "data-total>$15.00<" in as_(bea).post(counter(event), {**typed, "preview": "1"}).content.decode()
    assert as_(bea).post(counter(event), {**typed, f"amount_{kind.pk}": "much"}).status_code == 409
    assert as_(bea).post(counter(event), typed).status_code == 302
    assert DoorSale.objects.get().order.amount_total == 1_500


def test_the_total_is_for_who_sells_there(api, gus, stan, fay, event, ticket_type):
    cart = {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]}
    assert api.as_(gus).post(api_url(event, preview=True), cart).status_code == 403
    assert api.as_(fay).post(api_url(event, preview=True), cart).status_code == 403
    assert api.as_(stan).post(api_url(event, preview=True), cart).status_code in (403, 404)
    assert as_(stan).post(counter(event), {"preview": "1"}).status_code in (403, 404)
