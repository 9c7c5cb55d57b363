"""Changing a pending order: priced anew, its holds moved by difference, its payment brought to the new total."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.models import Option, OptionGroup, Order, PromoUse
from orders.pricing import Tip
from orders.tests.carts import ORDERS, body, place
from orders.tests.test_holds import counters
from orders.tests.test_paying import pay
from payments import charges
from payments.errors import GatewayRefused, GatewayUnavailable
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, SandboxIntent
from trufan.testing import (
    EventFactory,
    OutletFactory,
    ProductVariantFactory,
    PromoCodeFactory,
    TicketTypeFactory,
    UserFactory,
)

AUTHENTICATE = "pm_card_authenticationRequired"


@pytest.fixture
def burger(venue):
    return ProductVariantFactory(product__outlet=OutletFactory(venue=venue), price=1_200)


@pytest.fixture
def change(api, fay):
    def change(order, **asked):
        headers = {"HTTP_IDEMPOTENCY_KEY": asked.pop("key")} if "key" in asked else {}
        return api.as_(fay).patch(f"{ORDERS}/{order.pk}", asked, **headers)

    return change


def lines(*things):
    return body(*things)["items"]


def test_lines_tip_and_code_are_put_in_place_of_what_was(change, fay, venue, event, ticket_type, burger):
    PromoCodeFactory(venue=venue, code="TEN")
    box = TicketTypeFactory(event=event, price=9_000)
    order = place(fay, (ticket_type, 2), (box, 1))
    kept = order.items.get(item_id=ticket_type.pk)

    answer = change(order, items=lines((burger, 1), (ticket_type, 3)), tip=200, promo_code="TEN")

    assert answer.status_code == 200, answer.json()
    shown = answer.json()
    assert (shown["subtotal"], shown["discount"], shown["tip"], shown["total"]) == (16_200, 1_620, 200, 14_780)
    assert [(item["item_id"], item["quantity"]) for item in shown["items"]] == [
        (str(burger.pk), 1),
        (str(ticket_type.pk), 3),
    ]
    assert shown["items"][1]["id"] == str(kept.pk)
    assert (counters(ticket_type), counters(box), counters(burger)) == ((3, 0), (0, 0), (1, 0))
    entry = AuditLog.objects.get(action="order.changed")
    assert (entry.old_values["total"], entry.new_values["total"], entry.actor) == (19_000, 14_780, fay)


def test_what_is_not_named_stays(change, fay, venue, ticket_type, burger):
    PromoCodeFactory(venue=venue, code="TEN")
    order = place(fay, (ticket_type, 1), (burger, 2), tip=Tip(ppm=100_000), codes=["TEN"])
    assert (order.tip, order.discount) == (216, 740)
    shown = change(order, items=lines((ticket_type, 1), (burger, 1))).json()
    assert (shown["tip"], shown["discount"], shown["promo_codes"][0]["code"]) == (108, 620, "TEN")
    shown = change(order, tip={"amount": 5}).json()
    assert (shown["tip"], shown["discount"], len(shown["items"])) == (5, 620, 2)


@pytest.mark.parametrize("nothing", [{"promo_code": None}, {"promo_code": ""}, {"promo_codes": []}])
def test_a_code_and_a_tip_can_be_taken_away(change, fay, venue, burger, nothing):
    promo = PromoCodeFactory(venue=venue, code="TEN")
    order = place(fay, (burger, 1), tip=Tip(100), codes=["TEN"])
    shown = change(order, tip=None, **nothing).json()
    promo.refresh_from_db()
    assert (shown["tip"], shown["discount"], shown["total"], promo.used) == (0, 0, 1_200, 0)
    assert PromoUse.objects.get().status == "released"


def test_a_code_that_stays_is_not_counted_twice_and_one_that_comes_back_is_counted_again(change, fay, venue, burger):
    promo = PromoCodeFactory(venue=venue, code="ONCE", total_limit=1, per_person_limit=1)
    order = place(fay, (burger, 1), codes=["ONCE"])
    for asked, used in (({"items": lines((burger, 2))}, 1), ({"promo_code": None}, 0), ({"promo_code": "once"}, 1)):
        assert change(order, **asked).status_code == 200
        promo.refresh_from_db()
        assert promo.used == used
    assert (PromoUse.objects.get().discount, PromoUse.objects.get().status) == (240, "held")


def test_two_lines_may_change_places(change, fay, ticket_type, burger):
    order = place(fay, (ticket_type, 1), (burger, 1), (ticket_type, 2))
    ids = {str(item.pk) for item in order.all_lines()}
    shown = change(order, items=lines((burger, 2), (ticket_type, 2), (ticket_type, 2))).json()
    assert {item["id"] for item in shown["items"]} == ids
    assert [item["quantity"] for item in shown["items"]] == [2, 2, 2]
    assert (counters(ticket_type), counters(burger)) == ((4, 0), (2, 0))


def test_delivery_is_kept_and_shown(change, fay, burger):
    order = place(fay, (burger, 1))
    burger.product.outlet.offers_seat_delivery = True
    burger.product.outlet.save()
    where = {"method": "seat", "section": "112", "row": "C", "seat": "7"}
    assert change(order, delivery=where).json()["delivery"] == where
    assert change(order, tip=1).json()["delivery"] == where
    assert change(order, delivery=None).json()["delivery"] == {"method": "pickup"}
    assert change(order, delivery={"method": "drone"}).status_code == 422


def test_the_event_is_named_and_taken_away(change, fay, event, burger):
    order = place(fay, (burger, 1))
    assert change(order, event=str(event.pk)).json()["event"] == str(event.pk)
    assert change(order, tip={"amount": 5}).json()["event"] == str(event.pk)
    assert change(order, event=None).json()["event"] is None
    order.refresh_from_db()
    assert order.event is None


def test_a_change_that_cannot_be_had_changes_nothing(change, fay, venue, event, ticket_type):
    promo = PromoCodeFactory(venue=venue, code="TEN")
    scarce = TicketTypeFactory(event=event, quantity=3)
    order = place(fay, (ticket_type, 2), (scarce, 2), codes=["TEN"])
    place(UserFactory(), (scarce, 1))
    before = Order.objects.filter(pk=order.pk).values().get(), list(order.items.values())

    refused = [
        change(order, items=lines((ticket_type, 1), (scarce, 3)), promo_code=None),
        change(order, items=lines((ticket_type, 11))),
        change(order, promo_code="NOPE"),
        change(order, tip=1),
        change(order, items=lines((TicketTypeFactory(event=EventFactory()), 1))),
        change(order, items=[]),
    ]

    assert [answer.status_code for answer in refused] == [409, 422, 422, 422, 422, 422]
    assert refused[0].json()["error"]["details"][0]["field"] == "items[1].quantity"
    assert (Order.objects.filter(pk=order.pk).values().get(), list(order.items.values())) == before
    promo.refresh_from_db()
    assert (counters(ticket_type), counters(scarce), promo.used) == ((2, 0), (3, 0), 1)


def test_what_the_order_holds_itself_is_there_for_it(change, fay, event):
    last = TicketTypeFactory(event=event, quantity=2)
    order = place(fay, (last, 2))
    assert change(order, items=lines((last, 1), (last, 1))).status_code == 200
    assert change(order, items=lines((last, 1))).status_code == 200
    assert change(order, items=lines((last, 2))).status_code == 200
    assert counters(last) == (2, 0)


def test_lapsed_holds_of_others_make_room(change, fay, event, ticket_type):
    last = TicketTypeFactory(event=event, quantity=2)
    lapsed = place(UserFactory(), (last, 2), now=timezone.now() - timedelta(minutes=11))
    order = place(fay, (ticket_type, 1))
    assert change(order, items=lines((last, 2))).status_code == 200
    lapsed.refresh_from_db()
    assert (lapsed.status, counters(last), counters(ticket_type)) == ("expired", (2, 0), (0, 0))


def test_the_hold_is_not_lengthened(change, fay, ticket_type):
    order = place(fay, (ticket_type, 1), now=timezone.now() - timedelta(minutes=9))
    change(order, items=lines((ticket_type, 2)))
    assert Order.objects.get().expires_at == order.expires_at


def test_an_order_that_comes_to_nothing_is_complete_at_once(api, change, fay, venue, ticket_type,
                                                            django_capture_on_commit_callbacks):  # fmt: skip
    PromoCodeFactory(venue=venue, code="ALL", ppm=1_000_000)
    order = place(fay, (ticket_type, 1))
    pay(api, fay, order, AUTHENTICATE)
    with django_capture_on_commit_callbacks(execute=True):
        shown = change(order, promo_code="ALL").json()
    assert (shown["status"], shown["total"], shown["items"][0]["status"]) == ("paid", 0, "fulfilled")
    assert order.tickets.count() == 1
    assert SandboxIntent.objects.get().status == "cancelled"


def test_the_same_key_changes_once(change, fay, ticket_type):
    order, key = place(fay, (ticket_type, 1)), str(uuid4())
    first = change(order, items=lines((ticket_type, 2)), key=key)
    again = change(order, items=lines((ticket_type, 2)), key=key)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert AuditLog.objects.filter(action="order.changed").count() == 1
    assert change(order, items=lines((ticket_type, 3)), key=key).json()["error"]["code"] == "idempotency_key_reused"


def test_only_its_buyer_changes_an_order(api, olga, ticket_type, fay):
    order = place(fay, (ticket_type, 1))
    for somebody in (None, olga, UserFactory()):
        assert api.as_(somebody).patch(f"{ORDERS}/{order.pk}", {"tip": None}).status_code == 404


def test_a_guest_changes_by_the_access_code(api, ticket_type):
    contact = {"email": "g@example.com", "phone": "+12125550123"}
    placed = api.post(ORDERS, body((ticket_type, 1), contact=contact)).json()
    answer = api.patch(
        f"{ORDERS}/{placed['id']}", {"items": lines((ticket_type, 2))}, HTTP_X_ORDER_ACCESS_CODE=placed["access_code"]
    )
    assert answer.json()["total"] == 10_000


@pytest.mark.parametrize("end", ["paid", "cancelled", "overdue"])
def test_what_is_over_does_not_change(api, change, fay, ticket_type, end):
    order = place(fay, (ticket_type, 1))
    if end == "paid":
        pay(api, fay, order)
    elif end == "cancelled":
        api.as_(fay).post(f"{ORDERS}/{order.pk}/cancel")
    else:
        Order.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = change(order, items=lines((ticket_type, 2)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "order_not_changeable")


# -- With a payment open --


def test_an_open_payment_takes_the_new_total_and_keeps_its_secret(api, change, fay, ticket_type):
    order = place(fay, (ticket_type, 1))
    secret = pay(api, fay, order, AUTHENTICATE).json()["client_secret"]
    change(order, items=lines((ticket_type, 3)))
    payment, intent = Payment.objects.get(), SandboxIntent.objects.get()
    assert (payment.amount, intent.amount, payment.client_secret) == (15_000, 15_000, secret)
    answer = api.post(f"/api/v1/sandbox/payments/{payment.pk}/confirm", {"client_secret": secret, "outcome": "succeed"})
    assert answer.status_code == 200, answer.json()
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.tickets.count()) == ("paid", 15_000, 3)


@pytest.mark.parametrize("status", ["created", "processing"])
def test_nothing_changes_while_a_payment_is_in_flight(api, change, fay, ticket_type, status):
    order = place(fay, (ticket_type, 1))
    pay(api, fay, order, AUTHENTICATE)
    Payment.objects.update(status=status)
    answer = change(order, items=lines((ticket_type, 2)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "payment_in_progress")
    assert counters(ticket_type) == (1, 0)


def test_a_provider_that_is_away_is_told_by_the_same_request_again(api, change, fay, ticket_type, monkeypatch):
    order, key = place(fay, (ticket_type, 1)), str(uuid4())
    pay(api, fay, order, AUTHENTICATE)

    def away(*args):
        raise GatewayUnavailable

    with monkeypatch.context() as down:
        down.setattr(SandboxGateway, "update", away)
        assert change(order, items=lines((ticket_type, 2)), key=key).status_code == 503
    assert SandboxIntent.objects.get().amount == 5_000
    assert change(order, items=lines((ticket_type, 2)), key=key).status_code == 200
    assert (SandboxIntent.objects.get().amount, Payment.objects.get().amount) == (10_000, 10_000)


def test_an_amount_that_the_provider_does_not_take_ends_the_attempt(api, change, fay, ticket_type, monkeypatch):
    order = place(fay, (ticket_type, 1))
    pay(api, fay, order, AUTHENTICATE)

    def refuse(*args):
        raise GatewayRefused("Too small.")

    with monkeypatch.context() as strict:
        strict.setattr(SandboxGateway, "update", refuse)
        assert change(order, items=lines((ticket_type, 2))).status_code == 200
    assert Payment.objects.get().status == "cancelled"
    assert pay(api, fay, order).json()["amount"] == 10_000


def test_following_leaves_alone_what_fits(api, fay, ticket_type):
    order = place(fay, (ticket_type, 1))
    pay(api, fay, order, AUTHENTICATE)
    charges.follow(order, timezone.now())
    assert Payment.objects.get().changes == 0


def test_options_and_notes_stay_with_their_lines(change, api, fay, burger):
    group = OptionGroup.objects.create(product=burger.product, name="Extras", maximum=2)
    cheese = Option.objects.create(group=group, name="Cheese", price_delta=150)
    plain = {"type": "product", "id": str(burger.pk), "quantity": 1}
    rich = {**plain, "options": [{"id": str(cheese.pk), "quantity": 1}], "note": "no onions"}
    placed = api.as_(fay).post(ORDERS, {"items": [plain, rich]}).json()
    ids = [item["id"] for item in placed["items"]]
    order = Order.objects.get(pk=placed["id"])

    kept = change(order, tip=100).json()
    assert [item["options"] for item in kept["items"]] == [item["options"] for item in placed["items"]]
    assert [item["note"] for item in kept["items"]] == ["", "no onions"]
    turned = change(order, items=[{**rich, "quantity": 3}, plain]).json()
    assert [(item["id"], item["quantity"]) for item in turned["items"]] == [(ids[1], 3), (ids[0], 1)]
    assert [item["unit_price"] for item in turned["items"]] == [1_350, 1_200]
    assert counters(burger) == (4, 0)

    by_product = change(order, items=[{**plain, "id": str(burger.product_id), "quantity": 2}]).json()
    assert [(item["id"], item["item_id"]) for item in by_product["items"]] == [(ids[0], str(burger.pk))]
    assert counters(burger) == (2, 0)
