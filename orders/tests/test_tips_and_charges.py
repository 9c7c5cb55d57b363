"""Tips, service charges and taxes by rate: what they come to, whose they are, and how they go back."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import refunding
from orders.errors import AlreadyRefunded
from orders.models import Order
from orders.pricing import LinePrice, Tax, Tip, price_line, service_charges
from orders.refund_plan import AskedLine
from orders.tests.carts import ORDERS, body, buy, place
from orders.tests.refunds import send
from payments import refunds
from payments.gateways.base import RefundOutcome
from payments.models import ConnectedAccount, Refund
from trufan.testing import OutletFactory, ProductVariantFactory, PromoCodeFactory, TaxRateFactory
from venues import fees


def outlet(venue, **facts):
    stand = ConnectedAccount.objects.create(venue_id=venue.pk, name="Stand", provider="sandbox", country="US")
    return OutletFactory(venue=venue, connected_account=stand, **facts)


def fare(at, price, **facts):
    return ProductVariantFactory(product__outlet=at, price=price, **{f"product__{k}": v for k, v in facts.items()})


@pytest.fixture
def stand(venue):
    return outlet(venue, name="Grill")


@pytest.fixture
def burger(stand):
    return fare(stand, 1_200, name="Burger")


def why(answer) -> list[tuple[str, str]]:
    return [(detail["field"], detail["code"]) for detail in answer.json()["error"]["details"]]


# -- Taxes by rate --


def test_every_rate_on_a_line_is_kept_with_its_own_amount(api, venue, burger):
    TaxRateFactory(venue=venue, category="food", name="State", rate_ppm=40_000)
    TaxRateFactory(venue=venue, category="food", name="City", rate_ppm=48_750)
    line = api.post(f"{ORDERS}/preview", body((burger, 1))).json()["items"][0]
    assert line["tax_lines"] == [
        {"name": "City", "rate_ppm": 48_750, "inclusive": False, "amount": 59, "net": 1_200},
        {"name": "State", "rate_ppm": 40_000, "inclusive": False, "amount": 48, "net": 1_200},
    ]
    assert (line["net"], line["tax"], line["total"]) == (1_200, 107, 1_307)


def test_what_is_inside_is_divided_among_its_rates():
    amounts = price_line(LinePrice(1, 11_000, taxes=[Tax(60_000, True, "A"), Tax(40_000, True, "B"), Tax(50_000)]))
    assert [(line.amount, line.net) for line in amounts.tax_lines] == [(600, 10_000), (400, 10_000), (500, 10_000)]
    assert (amounts.net, amounts.total) == (10_000, 11_500)


def test_drinks_and_food_bear_their_own_taxes(api, venue, stand, burger):
    TaxRateFactory(venue=venue, category="alcohol", rate_ppm=100_000)
    beer = fare(stand, 900, name="Beer", tax_category="alcohol")
    items = api.post(f"{ORDERS}/preview", body((burger, 1), (beer, 2))).json()["items"]
    assert [item["tax"] for item in items] == [0, 180]


# -- Service charges --


def test_an_outlets_charge_is_reckoned_once_and_divided():
    # 18 % of 1.01 is 0.18; of each line by itself it would be 0.06 three times, or 0.19.
    assert service_charges([("grill", 34, 180_000), ("grill", 34, 180_000), ("grill", 33, 180_000)]) == [6, 6, 6]
    assert service_charges([("grill", 3, 180_000)] * 3) == [1, 1, 0]
    assert service_charges([("grill", 1_000, 180_000), (None, 9_999, 0), ("bar", 500, 100_000)]) == [180, 0, 50]


def test_each_outlet_charges_its_own_and_gets_it(venue, fay):
    TaxRateFactory(venue=venue, category="food", name="Tax", rate_ppm=100_000)
    TaxRateFactory(venue=venue, category="service_charge", name="Tax", rate_ppm=50_000)
    grill, bar = outlet(venue, name="Grill", service_charge_ppm=180_000), outlet(venue, name="Bar")
    order = place(fay, (fare(grill, 1_000), 2), (fare(bar, 500), 1))
    assert (order.service_charge, order.tax, order.amount_total) == (360, 200 + 50 + 18, 2_500 + 360 + 268)
    first, second = order.items.all()
    assert (first.service_charge, first.net, first.tax, second.service_charge) == (360, 2_360, 218, 0)
    owed = {share.account_id: share.amount for share in order.shares()}
    assert owed == {grill.connected_account_id: 2_578, bar.connected_account_id: 550}


def test_the_platforms_part_of_the_price_is_not_taken_of_the_charge(venue, ada, fay):
    fees.add(venue, ada, kind="product", paid_by="venue", fixed=5_000)
    order = place(fay, (fare(outlet(venue, service_charge_ppm=200_000), 1_000), 1))
    assert order.items.get().platform_fee == 1_000
    assert sorted(share.amount for share in order.shares()) == [200, 1_000]


# -- Tips --


@pytest.mark.parametrize(
    ("asked", "tip"),
    [(500, 500), ({"amount": 500}, 500), ({"percent": 18}, 432), ({"percent": 12.5}, 300), ({"percent": "18.25"}, 438),
     (0, 0), (None, 0), ({"percent": 0}, 0)],
)  # fmt: skip
def test_a_tip_is_an_amount_or_a_part_of_the_food_without_tax(api, venue, burger, ticket_type, asked, tip):
    TaxRateFactory(venue=venue, category="food", rate_ppm=100_000)
    shown = api.post(f"{ORDERS}/preview", body((burger, 2), (ticket_type, 1), tip=asked)).json()
    assert (shown["tip"], shown["tax"], shown["total"]) == (tip, 240, 7_640 + tip)


def test_a_percentage_is_of_the_net_where_the_price_contains_its_tax(api, venue, burger):
    TaxRateFactory(venue=venue, category="food", rate_ppm=200_000, is_inclusive=True)
    assert api.post(f"{ORDERS}/preview", body((burger, 1), tip={"percent": 10})).json()["tip"] == 100


@pytest.mark.parametrize(
    "asked",
    ["5", True, {}, {"amount": 1, "percent": 1}, {"amount": -1}, {"amount": True}, {"percent": 101}, {"percent": "x"},
     {"percent": 1.234}, {"euros": 5}, [500], 1.5, {"amount": 10**12}, {"percent": "1e400"}, {"percent": "nan"},
     {"percent": -0.01}],
)  # fmt: skip
def test_a_tip_that_makes_no_sense_is_refused_in_the_envelope(api, burger, asked):
    answer = api.post(f"{ORDERS}/preview", body((burger, 1), tip=asked))
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["code"] in ("validation_error", "malformed_request")


def test_a_tip_needs_food_and_has_a_limit(api, stand, burger, ticket_type):
    shirt = fare(stand, 3_000, name="Shirt", kind="merchandise")
    without = api.post(f"{ORDERS}/preview", body((ticket_type, 1), (shirt, 1), tip=1))
    assert why(without) == [("tip", "tip_refused")]
    assert api.post(f"{ORDERS}/preview", body((burger, 1), tip=1_200)).status_code == 200
    over = api.post(f"{ORDERS}/preview", body((burger, 1), (ticket_type, 1), tip=1_201))
    assert why(over) == [("tip", "tip_refused")]
    assert "$12.00" in over.json()["error"]["details"][0]["message"]


def test_a_tip_is_those_who_made_the_food_in_full(venue, ada, fay, ticket_type, burger):
    fees.add(venue, ada, kind="product", paid_by="venue", ppm=500_000)
    bar = outlet(venue, name="Bar")
    order = place(fay, (ticket_type, 1), (burger, 1), (fare(bar, 600), 1), tip=Tip(301))
    tips = {share.account_id: share.amount for share in order.shares() if share.reason == "tip"}
    assert tips == {burger.product.outlet.connected_account_id: 201, bar.connected_account_id: 100}


def test_a_tip_on_food_that_a_code_made_free_is_still_its_makers(venue, fay, burger):
    PromoCodeFactory(venue=venue, code="ALL", ppm=1_000_000)
    order = buy(fay, (burger, 1), codes=["ALL"], tip=Tip(300))
    assert (order.status, order.amount_total, order.tip) == ("paid", 300, 300)
    assert [(share.reason, share.amount) for share in order.shares()] == [("tip", 300)]
    refund = refunding.request(
        order, asked=[AskedLine(order.items.get().pk)], by=None, reason="Cold", now=timezone.now()
    )
    send(refund)
    order.refresh_from_db()
    assert (refund.amount, order.status) == (300, "refunded")


# -- How they go back --


def ask(order: Order, *items, **what):
    asked = [AskedLine(item.pk, quantity) for item, quantity in items] or None
    return refunding.request(order, asked=asked, **what, by=None, reason="Rain", now=timezone.now())


def test_the_tip_goes_back_with_the_last_of_the_food(api, olga, fay, burger, ticket_type):
    order = buy(fay, (burger, 2), (ticket_type, 1), tip=Tip(400))
    line, ticket = order.items.all()
    assert (ask(order, (line, 1)).amount, ask(order, (ticket, 1)).amount) == (1_200, 5_000)
    shown = (
        api.as_(olga)
        .post(f"{ORDERS}/{order.pk}/refunds/preview", {"items": [{"id": str(line.pk), "quantity": 1}]})
        .json()
    )
    assert (shown["amount"], shown["tip"]) == (1_600, 400)
    last = ask(order, (line, 1))
    assert (last.amount, last.tip) == (1_600, 400)


def test_all_of_an_order_goes_back_with_its_tip(fay, burger):
    order = buy(fay, (burger, 1), tip=Tip(400))
    refund = ask(order)
    assert (refund.kind, refund.amount, refund.tip) == ("full", 1_600, 400)


def test_a_tip_whose_refund_failed_goes_back_with_the_next_and_is_not_sent_twice(fay, burger, stand):
    order = buy(fay, (burger, 1), (fare(stand, 500), 1), tip=Tip(400))
    first, second = order.items.all()
    failing = ask(order, (first, 1))
    again = ask(order, (second, 1))
    assert (failing.tip, again.tip) == (0, 400)
    send(again)
    part = failing.parts.get()
    refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "No"), timezone.now())
    assert ask(order, (first, 1)).amount == 1_200


def test_a_failed_refund_that_would_now_owe_the_tip_is_asked_for_anew(fay, burger, stand):
    order = buy(fay, (burger, 1), (fare(stand, 500), 1), tip=Tip(400))
    first, second = order.items.all()
    part = ask(order, (first, 1)).parts.get()
    refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "No"), timezone.now())
    send(ask(order, (second, 1)))
    with pytest.raises(AlreadyRefunded):
        refunds.retry(Refund.objects.get(pk=part.pk), by=None, now=timezone.now())
    anew = ask(order, (first, 1))
    assert (anew.amount, anew.tip) == (1_600, 400)
