"""What a code does to a cart, for whom, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import refunding
from orders.cancellation import cancel
from orders.errors import CartRefused, PromoUsedUp
from orders.expiry import expire_overdue
from orders.models import Order, PromoCode, PromoUse
from orders.tests.carts import ORDERS, body, buy, place
from payments.models import Payment
from payments.payable import CannotFulfil
from trufan.testing import (
    EventFactory,
    OutletFactory,
    ProductFactory,
    ProductVariantFactory,
    PromoCodeFactory,
    TaxRateFactory,
    TicketTypeFactory,
    UserFactory,
)

GONE = timedelta(minutes=11)


@pytest.fixture
def burger(venue):
    return ProductVariantFactory(product__outlet=OutletFactory(venue=venue), product__name="Burger", price=1_200)


@pytest.fixture
def ten(venue):
    return PromoCodeFactory(venue=venue, code="TEN")


def used(promo: PromoCode) -> int:
    promo.refresh_from_db()
    return promo.used


def why(answer) -> list[tuple[str, str]]:
    return [(detail["field"], detail["code"]) for detail in answer.json()["error"]["details"]]


def test_a_code_is_shown_by_line_before_and_after_ordering(api, fay, venue, ticket_type, burger, ten):
    TaxRateFactory(venue=venue, rate_ppm=100_000)
    cart = body((ticket_type, 2), (burger, 1), promo_code=" te n")
    preview = api.post(f"{ORDERS}/preview", cart).json()
    placed = api.as_(fay).post(ORDERS, cart).json()
    for shown in (preview, placed):
        assert (shown["subtotal"], shown["discount"], shown["tax"], shown["total"]) == (11_200, 1_120, 900, 10_980)
        assert shown["promo_codes"] == [{"code": "TEN", "amount": 1_120}]
        assert [line["discounts"] for line in shown["items"]] == [
            [{"code": "TEN", "amount": 1_000}],
            [{"code": "TEN", "amount": 120}],
        ]
    assert api.as_(fay).get(f"{ORDERS}/{placed['id']}").json()["promo_codes"] == placed["promo_codes"]


@pytest.mark.parametrize(
    ("terms", "discounts"),
    [
        ({"kind": "percent", "ppm": 250_000}, [2_500, 600]),
        ({"kind": "fixed", "amount": 1_000}, [806, 194]),
        ({"kind": "free_item"}, [0, 1_200]),
        ({"kind": "free_item", "item_type": "ticket"}, [5_000, 0]),
        ({"kind": "percent", "ppm": 500_000, "item_type": "product"}, [0, 1_200]),
        ({"kind": "fixed", "amount": 99_999, "item_type": "product"}, [0, 2_400]),
    ],
)
def test_each_kind_takes_its_own_off(fay, venue, ticket_type, burger, terms, discounts):
    PromoCodeFactory(venue=venue, code="IT", **terms)
    order = place(fay, (ticket_type, 2), (burger, 2), codes=["IT"])
    assert [item.discount for item in order.items.all()] == discounts


def test_parking_is_validated_on_parking_alone(fay, venue, ticket_type, burger):
    promo = PromoCodeFactory(venue=venue, code="PARK", kind="parking", ppm=1_000_000)
    assert promo.is_for("parking", frozenset())
    with pytest.raises(CartRefused):
        place(fay, (ticket_type, 1), (burger, 1), codes=["PARK"])


@pytest.mark.parametrize("scope", ["event", "outlet", "product"])
def test_a_code_is_for_what_it_names(fay, venue, event, ticket_type, burger, scope):
    named = {"event": event, "outlet": burger.product.outlet, "product": burger.product}[scope]
    PromoCodeFactory(venue=venue, code="ONLY", **{scope: named})
    other_show = TicketTypeFactory(event=EventFactory(venue=venue))
    other_fare = ProductVariantFactory(product=ProductFactory(outlet=OutletFactory(venue=venue)))

    order = place(fay, (ticket_type, 1), (other_show, 1), (burger, 1), (other_fare, 1), codes=["ONLY"])

    taken = [item.discount > 0 for item in order.items.all()]
    assert taken == [scope == "event", False, scope != "event", False]


@pytest.mark.parametrize(
    "terms",
    [
        {"is_active": False},
        # From when the tests are collected: the suite takes longer than minutes.
        {"starts_at": timezone.now() + timedelta(days=1)},
        {"ends_at": timezone.now() - timedelta(days=1)},
        {"item_type": "parking"},
        None,
    ],
)
def test_nobody_learns_from_the_answer_whether_a_code_exists(api, venue, ticket_type, terms):
    if terms is not None:
        PromoCodeFactory(venue=venue, code="SECRET", **terms)
    answer = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_code="SECRET"))
    assert answer.status_code == 422
    assert answer.json()["error"]["details"] == [
        {"field": "promo_code", "code": "promo_not_valid", "message": "This code does not apply to this order."}
    ]


def test_another_venues_code_is_none(api, other_venue, ticket_type):
    PromoCodeFactory(venue=other_venue, code="SECRET")
    answer = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_code="SECRET"))
    assert why(answer) == [("promo_code", "promo_not_valid")]


def test_wrong_lines_codes_and_tips_are_told_together(api, venue, ticket_type, burger, ten):
    burger.product.is_sold_out = True
    burger.product.save()
    answer = api.post(f"{ORDERS}/preview", body((ticket_type, 1), (burger, 1), promo_codes=["TEN", "NONE"], tip=1))
    assert why(answer) == [("items[1].id", "not_for_sale"), ("promo_codes[1]", "promo_not_valid")]
    answer = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_code="NOPE", tip=1))
    assert why(answer) == [("promo_code", "promo_not_valid")]
    PromoCodeFactory(venue=venue, code="FOOD", item_type="product")
    answer = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_code="FOOD", tip=1))
    assert why(answer) == [("promo_code", "promo_not_valid"), ("tip", "tip_refused")]


def test_codes_stack_where_both_may_and_in_a_fixed_order(api, fay, venue, ticket_type):
    PromoCodeFactory(venue=venue, code="HALF", ppm=500_000, is_stackable=True)
    PromoCodeFactory(venue=venue, code="MINUS", kind="fixed", amount=1_000, is_stackable=True)
    PromoCodeFactory(venue=venue, code="ALONE")
    for codes in (["HALF", "MINUS"], ["MINUS", "HALF"]):
        shown = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_codes=codes)).json()
        assert (shown["discount"], shown["total"]) == (2_500 + 1_000, 1_500)
    refused = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_codes=["HALF", "ALONE"]))
    assert why(refused) == [("promo_codes[1]", "promo_not_combinable")]
    twice = api.post(f"{ORDERS}/preview", body((ticket_type, 1), promo_codes=["HALF", "half"]))
    assert why(twice) == [("promo_codes[1]", "promo_not_valid")]


@pytest.mark.parametrize("codes", [{"promo_code": "A", "promo_codes": ["B"]}, {"promo_codes": ["A"] * 6},
                                   {"promo_code": {"a": 1}}, {"promo_code": "x" * 61}])  # fmt: skip
def test_codes_that_make_no_sense_are_refused_in_the_envelope(api, ticket_type, codes):
    answer = api.post(f"{ORDERS}/preview", body((ticket_type, 1), **codes))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "validation_error")


def test_all_off_is_free_at_once_and_bears_no_fee(fay, venue, ticket_type):
    venue.ticket_fee_fixed = 150
    venue.save()
    promo = PromoCodeFactory(venue=venue, code="ALL", ppm=1_000_000)
    order = place(fay, (ticket_type, 2), codes=["ALL"])
    assert (order.status, order.amount_total, order.fees, order.discount) == ("paid", 0, 0, 10_000)
    assert order.tickets.filter(status="valid").count() == 2
    assert (PromoUse.objects.get().status, used(promo)) == ("used", 1)


def test_a_code_ends_with_its_last_use(fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="ONCE", total_limit=1)
    place(fay, (ticket_type, 1), codes=["ONCE"])
    with pytest.raises(PromoUsedUp):
        place(UserFactory(), (ticket_type, 1), codes=["ONCE"])
    ticket_type.refresh_from_db()
    assert (used(promo), ticket_type.held) == (1, 1)


def test_a_preview_says_that_a_code_is_used_up(api, fay, venue, ticket_type):
    PromoCodeFactory(venue=venue, code="ONCE", per_person_limit=1)
    place(fay, (ticket_type, 1), codes=["ONCE"])
    cart = body((ticket_type, 1), promo_code="ONCE")
    answer = api.as_(fay).post(f"{ORDERS}/preview", cart)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "promo_used_up")
    assert api.post(f"{ORDERS}/preview", cart).status_code == 200


def test_a_person_is_an_account_or_an_address(api, fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="EACH", per_person_limit=1)
    guest = {"contact": {"email": "Fay@Example.com", "phone": "+12125550123"}}
    cart = body((ticket_type, 1), promo_code="EACH")
    assert api.as_(fay).post(ORDERS, cart).status_code == 201
    assert api.as_(fay).post(ORDERS, {**cart, "contact": {"email": "other@example.com"}}).status_code == 409
    assert api.post(ORDERS, {**cart, **guest}).status_code == 409
    assert api.as_(UserFactory()).post(ORDERS, cart).status_code == 201
    assert used(promo) == 2


def test_what_expires_or_is_cancelled_gives_its_code_back(fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="TWO", total_limit=2)
    old = place(fay, (ticket_type, 1), codes=["TWO"], now=timezone.now() - GONE)
    young = place(fay, (ticket_type, 1), codes=["TWO"])
    expire_overdue(timezone.now())
    assert used(promo) == 1
    cancel(young, by=fay, now=timezone.now())
    assert used(promo) == 0
    assert set(PromoUse.objects.values_list("order_id", "status")) == {(old.pk, "released"), (young.pk, "released")}


@pytest.mark.parametrize("limit", [{"total_limit": 1}, {"per_person_limit": 1}])
def test_a_lapsed_hold_makes_room_when_no_worker_runs(fay, venue, ticket_type, limit):
    promo = PromoCodeFactory(venue=venue, code="ONCE", **limit)
    lapsed = place(fay, (ticket_type, 1), codes=["ONCE"], now=timezone.now() - GONE)
    order = place(fay, (ticket_type, 1), codes=["ONCE"])
    lapsed.refresh_from_db()
    assert (lapsed.status, order.status, used(promo)) == ("expired", "pending", 1)


def test_a_paid_use_stays_used_after_a_refund(fay, venue, ticket_type, ten):
    order = buy(fay, (ticket_type, 1), codes=["TEN"])
    assert PromoUse.objects.get().status == "used"
    refunding.request(order, by=None, reason="Rain", now=timezone.now())
    assert used(ten) == 1


def test_late_money_takes_the_code_again_or_goes_back(fay, venue, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="ONCE", total_limit=1)
    first = place(fay, (ticket_type, 1), codes=["ONCE"], now=timezone.now() - GONE)
    second = place(UserFactory(), (ticket_type, 1), codes=["ONCE"])
    first.refresh_from_db()
    with pytest.raises(CannotFulfil, match="code was used up"):
        first.on_paid(Payment(), timezone.now())
    cancel(second, by=None, now=timezone.now())
    Order.objects.get(pk=first.pk).on_paid(Payment(), timezone.now())
    assert (used(promo), PromoUse.objects.get(order=first).status) == (1, "used")


def test_who_guesses_is_stopped_and_who_knows_is_not(api, fay, ticket_type, ten, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "promo_code": 3}
    right, wrong = (body((ticket_type, 1), promo_code=code) for code in ("TEN", "GUESS"))
    preview = f"{ORDERS}/preview"
    assert {api.post(preview, right).status_code for _ in range(6)} == {200}
    assert [api.post(preview, wrong).status_code for _ in range(4)] == [422, 422, 422, 429]
    stopped = api.post(preview, right)
    assert (stopped.status_code, stopped.json()["error"]["code"]) == (429, "rate_limited")
    assert int(stopped.headers["Retry-After"]) >= 1
    # A cart without a code is nobody's guess.
    assert api.post(preview, body((ticket_type, 1))).status_code == 200


def test_one_account_does_not_guess_from_many_addresses(api, fay, ticket_type, settings):
    settings.SENSITIVE_LIMITS = {**settings.SENSITIVE_LIMITS, "promo_code": 2}
    guess = body((ticket_type, 1), promo_code="GUESS")
    answers = [
        api.as_(fay).post(f"{ORDERS}/preview", guess, REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(3)
    ]
    assert answers == [422, 422, 429]
    assert api.post(f"{ORDERS}/preview", guess, REMOTE_ADDR="203.0.113.9").status_code == 422
