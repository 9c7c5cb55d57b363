"""A product in a cart: what may be picked, what it costs, and everything that is wrong with a line at once."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone

from events.models import Event
from orders import personal
from orders.menu.models import Daypart, Option, Product, ProductVariant
from orders.models import Order, Outlet
from trufan.testing import EventFactory, OutletFactory, ProductFactory, ProductVariantFactory, TicketTypeFactory

ORDERS = "/api/v1/orders"
PREVIEW = f"{ORDERS}/preview"


def line(thing, quantity=1, *options, kind="product", **more):
    picks = [
        {"id": str(each.pk)} if not isinstance(each, tuple) else {"id": str(each[0].pk), "quantity": each[1]}
        for each in options
    ]
    return {"type": kind, "id": str(thing.pk), "quantity": quantity, **({"options": picks} if picks else {}), **more}


def cart(*lines, **more):
    return {"items": list(lines), **more}


def problems(answer):
    assert answer.status_code == 422, answer.content
    return {(each["field"], each["code"]) for each in answer.json()["error"]["details"]}


def test_the_options_make_the_price_and_the_words(api, fay, burger, option):
    picks = [option("Medium"), (option("Cheese"), 2)]
    body = api.as_(fay).post(ORDERS, cart(line(burger, 2, *picks, note="no onions"))).json()
    item = body["items"][0]
    assert (item["unit_price"], item["total"]) == (1_500, 3_000)
    assert item["description"] == "Burger (Medium, 2 × Cheese)"
    assert item["note"] == "no onions"
    assert [(o["group"], o["name"], o["quantity"], o["price_delta"]) for o in item["options"]] == [
        ("Doneness", "Medium", 1, 0),
        ("Extras", "Cheese", 2, 150),
    ]


def test_the_order_keeps_what_was_chosen_whatever_becomes_of_the_menu(api, fay, burger, option):
    placed = api.as_(fay).post(ORDERS, cart(line(burger, 1, option("Medium"), option("Bacon")))).json()
    option("Bacon").group.delete()
    kept = api.as_(fay).get(f"{ORDERS}/{placed['id']}").json()["items"][0]
    assert [each["name"] for each in kept["options"]] == ["Medium", "Bacon"]


def test_a_price_never_falls_below_nothing(api, burger, extras):
    ProductVariant.objects.update(price=50)
    body = api.post(PREVIEW, cart(line(burger, 1, Option.objects.get(name="No bun")))).json()
    assert (body["items"][0]["unit_price"], body["total"]) == (0, 0)


def test_a_product_with_one_variant_is_ordered_by_its_own_id(api, fay, product, burger):
    body = api.as_(fay).post(ORDERS, cart(line(product, 2), line(burger, 1))).json()
    assert [item["item_id"] for item in body["items"]] == [str(burger.pk)] * 2
    burger.refresh_from_db()
    assert burger.held == 3


def test_a_product_with_two_variants_is_ordered_by_the_variant(api, product, burger):
    ProductVariantFactory(product=product, name="Double")
    assert problems(api.post(PREVIEW, cart(line(product)))) == {("items[0].id", "not_for_sale")}
    assert api.post(PREVIEW, cart(line(burger))).status_code == 200


def test_lines_of_one_variant_count_together_whatever_their_options_and_ids(api, product, burger, extras):
    Product.objects.update(max_per_order=3)
    cheese = Option.objects.get(name="Cheese")
    assert api.post(PREVIEW, cart(line(product, 1), line(burger, 2, cheese))).status_code == 200
    assert problems(api.post(PREVIEW, cart(line(product, 2), line(burger, 2, cheese)))) == {
        ("items[0].quantity", "not_for_sale"),
        ("items[1].quantity", "not_for_sale"),
    }


def test_all_that_is_wrong_is_said_at_once(api, burger, ticket_type, option):
    other = Option.objects.create(
        group=ProductVariantFactory().product.option_groups.create(name="Elsewhere"), name="Foreign"
    )
    answer = api.post(
        PREVIEW,
        cart(
            line(burger, 1, option("Medium"), option("Well done")),
            line(burger, 1, (option("Cheese"), 4)),
            line(burger, 1, option("Rare"), other),
            line(ticket_type, 1, option("Cheese"), kind="ticket", note="aisle"),
            line(ProductVariant(pk=ticket_type.pk)),
        ),
    )
    assert problems(answer) == {
        ("items[0].options", "too_many_picks"),
        ("items[1].options", "too_few_picks"),
        ("items[1].options", "too_many_picks"),
        ("items[2].options", "option_sold_out"),
        ("items[2].options", "unknown_option"),
        ("items[3].options", "not_offered"),
        ("items[3].note", "not_offered"),
        ("items[4].id", "not_for_sale"),
    }
    assert answer.json()["error"]["code"] == "cart_refused"


@pytest.mark.parametrize("options", ["cheese", [{"quantity": 1}], [{"id": "x"}], [1], {"id": 1}])
def test_options_that_make_no_sense_are_refused(api, burger, options):
    answer = api.post(PREVIEW, cart(line(burger) | {"options": options}))
    assert answer.status_code == 422
    assert all(detail["field"].startswith("items[0].options") for detail in answer.json()["error"]["details"])


@pytest.mark.parametrize("note", ["two\nlines", "x" * 201, "\u202eback", ["a"]])
def test_a_note_is_one_short_line(api, burger, note):
    assert {field for field, _ in problems(api.post(PREVIEW, cart(line(burger, note=note))))} == {"items[0].note"}


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        (Outlet, {"status": "closed"}, "outlet_closed"),
        (Outlet, {"is_active": False}, "outlet_closed"),
        (Outlet, {"hours": "clock"}, "outlet_closed"),
        (Outlet, {"hours": "event"}, "outlet_closed"),
        (Product, {"is_sold_out": True}, "not_for_sale"),
        (Product, {"is_active": False}, "not_for_sale"),
        (ProductVariant, {"is_active": False}, "not_for_sale"),
    ],
)
def test_what_is_closed_or_off_the_menu_is_not_sold(api, burger, table, change, code):
    table.objects.update(**change)
    assert problems(api.post(PREVIEW, cart(line(burger)))) == {("items[0].id", code)}


def test_a_busy_outlet_sells(api, burger):
    Outlet.objects.update(status="busy")
    assert api.post(PREVIEW, cart(line(burger))).status_code == 200


def test_short_stock_is_a_conflict_and_names_the_lines(api, burger):
    ProductVariant.objects.update(quantity=2)
    answer = api.post(PREVIEW, cart(line(burger, 1), line(burger, 2)))
    assert answer.status_code == 409
    assert [each["field"] for each in answer.json()["error"]["details"]] == ["items[0].quantity", "items[1].quantity"]


def test_one_order_is_for_one_venue(api, burger, other_venue):
    elsewhere = ProductVariantFactory(product=ProductFactory(outlet=OutletFactory(venue=other_venue)))
    assert problems(api.post(PREVIEW, cart(line(burger), line(elsewhere)))) == {("items[1].id", "not_for_sale")}


# -- Events and parts of the day --


def test_a_product_for_an_event_asks_which_one(api, fay, product, burger, event):
    product.events.add(event)
    assert problems(api.post(PREVIEW, cart(line(burger)))) == {("items[0].id", "event_needed")}
    body = api.as_(fay).post(ORDERS, cart(line(burger), event=str(event.pk))).json()
    assert body["event"] == str(event.pk)
    assert Order.objects.get().event == event


def test_a_ticket_in_the_cart_says_which_event(api, product, burger, event, ticket_type):
    product.events.add(event)
    body = api.post(PREVIEW, cart(line(burger), line(ticket_type, kind="ticket"))).json()
    assert body["event"] == str(event.pk)


def test_another_event_does_not_do(api, product, burger, event, venue):
    product.events.add(event)
    other = EventFactory(venue=venue)
    assert problems(api.post(PREVIEW, cart(line(burger), event=str(other.pk)))) == {("items[0].id", "not_for_sale")}


def test_tickets_for_two_events_name_none(api, venue, ticket_type):
    other = TicketTypeFactory(event=EventFactory(venue=venue))
    lines = [line(each, kind="ticket") for each in (ticket_type, other)]
    assert api.post(PREVIEW, cart(*lines)).json()["event"] is None


def test_the_event_is_one_of_the_venue_that_is_not_over(api, burger, event, other_venue):
    elsewhere = EventFactory(venue=other_venue)
    assert problems(api.post(PREVIEW, cart(line(burger), event=str(elsewhere.pk)))) == {("event", "not_found")}
    Event.objects.filter(pk=event.pk).update(status="draft")
    assert problems(api.post(PREVIEW, cart(line(burger), event=str(event.pk)))) == {("event", "not_found")}
    past = timezone.now() - timedelta(days=1)
    Event.objects.filter(pk=event.pk).update(
        status="published", doors_at=past, starts_at=past, ends_at=past + timedelta(hours=1)
    )
    assert problems(api.post(PREVIEW, cart(line(burger), event=str(event.pk)))) == {("event", "not_for_sale")}
    assert problems(api.post(PREVIEW, cart(line(burger), event="tonight"))) == {("event", "invalid")}


def test_a_product_of_another_part_of_the_day_is_not_sold(api, product, burger, venue):
    now = timezone.now().astimezone(venue.zone)
    part = Daypart.objects.create(
        venue=venue,
        name="Later",
        starts_at=(now + timedelta(hours=2)).time(),
        ends_at=(now + timedelta(hours=3)).time(),
    )
    product.dayparts.add(part)
    assert problems(api.post(PREVIEW, cart(line(burger)))) == {("items[0].id", "not_for_sale")}
    Daypart.objects.update(starts_at=time(0), ends_at=time(0))
    assert api.post(PREVIEW, cart(line(burger))).status_code == 200


# -- What it costs to ask --


def test_a_longer_cart_of_products_costs_no_more_queries(api, grill, django_assert_max_num_queries):
    things = []
    for number in range(12):
        variant = ProductVariantFactory(product=ProductFactory(outlet=OutletFactory(venue=grill.venue)))
        group = variant.product.option_groups.create(name="Extras")
        things.append((variant, group.options.create(name=f"Extra {number}")))
    with django_assert_max_num_queries(10):
        assert api.post(PREVIEW, cart(*(line(variant, 1, extra) for variant, extra in things))).status_code == 200


def test_the_note_is_erased_with_the_account(api, fay, burger, extras):
    api.as_(fay).post(ORDERS, cart(line(burger, 1, Option.objects.get(name="Cheese"), note="for Fay in A-12")))
    personal.erase(fay, timezone.now())
    item = Order.objects.get().items.get()
    assert (item.note, [each["name"] for each in item.chosen]) == ("", ["Cheese"])
