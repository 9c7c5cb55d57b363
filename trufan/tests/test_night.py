"""A night at the arena: one cart and one payment, the door, the kitchen, the seat, and some of it back."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.urls import reverse

from orders.models import Fulfilment, Order
from payments.models import ConnectedAccount, PaymentSplit, RefundShare
from trufan.testing import OutletFactory, ProductFactory, ProductVariantFactory, StaffFactory
from trufan.tests.console_client import as_, url
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db

SEAT = {"method": "seat", "section": "112", "row": "A", "seat": "12"}


@pytest.fixture
def cook(venue):
    return StaffFactory(user__email="kim@example.com", venue=venue, role=VenueStaff.Role.KITCHEN).user


@pytest.fixture
def grill(venue):
    """A stand of somebody else's: its part of the charge goes to its own account."""
    stand = ConnectedAccount.objects.create(venue_id=venue.pk, name="Burger Bros", provider="sandbox", country="US")
    return OutletFactory(venue=venue, name="Grill", offers_seat_delivery=True, connected_account=stand)


@pytest.fixture
def shop(venue):
    return OutletFactory(venue=venue, name="Fan Shop", kind="shop", offers_seat_delivery=True)


@pytest.fixture
def burger(grill):
    """12.00, with one of two ways to be done, and bacon for 2.00."""
    product = ProductFactory(outlet=grill, name="Burger")
    done = product.option_groups.create(name="Doneness", minimum=1, maximum=1)
    done.options.create(name="Medium")
    done.options.create(name="Well done")
    product.option_groups.create(name="Extras", maximum=2, position=1).options.create(name="Bacon", price_delta=200)
    return ProductVariantFactory(product=product)


@pytest.fixture
def scarf(shop):
    return ProductVariantFactory(product__outlet=shop, product__name="Scarf", product__kind="merchandise", price=2_400)


@pytest.fixture
def send(api, django_capture_on_commit_callbacks):
    """POST as somebody, let what waits for the commit happen; the answer's document."""

    def post(by, path, body=None, status=200):
        with django_capture_on_commit_callbacks(execute=True):
            answer = api.as_(by).post(f"/api/v1{path}", body or {}, format="json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return post


def picks(variant, **wanted):
    """Options by name and quantity, as a cart has them."""
    options = {option.name: option for group in variant.product.option_groups.all() for option in group.options.all()}
    return [{"id": str(options[name].pk), "quantity": quantity} for name, quantity in wanted.items()]


def shown(api, fan, order_id):
    return api.as_(fan).get(f"/api/v1/orders/{order_id}").json()


def test_one_cart_is_paid_once_cooked_brought_and_partly_given_back(
    api, send, fay, gus, olga, cook, ticket_type, burger, scarf, venue, django_capture_on_commit_callbacks
):
    # One cart, one payment.
    meal = {"type": "product", "id": str(burger.pk), "quantity": 2, "options": picks(burger, Medium=1, Bacon=1)}
    cart = {
        "items": [
            {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1},
            meal,
            {"type": "product", "id": str(scarf.pk), "quantity": 1},
        ],
        "delivery": SEAT,
        "tip": {"amount": 300},
    }
    order = send(fay, "/orders", cart, 201)
    assert order["total"] == 5_000 + 2 * 1_400 + 2_400 + 300
    assert send(fay, f"/orders/{order['id']}/pay", {"payment_method": "pm_card_visa"})["status"] == "succeeded"
    order = shown(api, fay, order["id"])
    assert (order["status"], len(order["payments"]), len(order["fulfilments"])) == ("paid", 1, 2)
    parts = PaymentSplit.objects.filter(payment_id=order["payments"][0]["id"])
    assert sum(part.amount for part in parts) == order["total"]
    assert {part.account.name for part in parts} == {venue.name, "Burger Bros"}

    # The door lets the ticket in once.
    code = api.as_(fay).get("/api/v1/tickets").json()["results"][0]["code"]
    event = {"event": str(ticket_type.event_id), "code": code}
    scans = [send(gus, "/checkin/scans", event | {"nonce": nonce})["result"] for nonce in ("one", "two")]
    assert scans == ["accepted", "refused"]

    # The kitchen sees what to make and where it goes: one stand works by the API, one at its screen.
    by_outlet = {row["outlet"]["name"]: row["id"] for row in order["fulfilments"]}
    queue = api.as_(cook).get(f"/api/v1/outlets/{burger.product.outlet_id}/queue").json()["fulfilments"]
    assert [row["id"] for row in queue] == [by_outlet["Grill"]]
    assert queue[0]["lines"][0]["options"] == ["Medium", "Bacon"]
    for move in ("accept", "prepare", "ready", "send-out", "deliver"):
        send(cook, f"/fulfilments/{by_outlet['Grill']}/{move}")
    board = reverse("admin:orders_fulfilment_kitchen_board", args=[scarf.product.outlet_id])
    assert "Scarf" in as_(cook).get(board).content.decode()
    for move in ("accept", "ready", "send-out", "deliver"):
        as_(cook).post(board, {"move": f"{by_outlet['Fan Shop']}:{move}"})
    order = shown(api, fay, order["id"])
    assert {row["status"] for row in order["fulfilments"]} == {"delivered"}
    assert all(row["times"]["ended_at"] for row in order["fulfilments"])

    # One burger was cold: the box office gives it back by the API. The scarf goes back at the console.
    lines = {line["description"].split(" ")[0]: line["id"] for line in order["items"]}
    cold = {"items": [{"id": lines["Burger"], "quantity": 1}], "reason": "Cold"}
    assert send(olga, f"/orders/{order['id']}/refunds", cold, 201)["amount"] == 1_400
    row = Order.objects.get(pk=order["id"])
    address, chosen = url(Order, "button", row.pk, "refund-lines"), {lines["Scarf"]: "1", "reason": "A hole in it"}
    figures = as_(olga).post(address, chosen).context["figures"]
    with django_capture_on_commit_callbacks(execute=True):
        as_(olga).post(address, {**chosen, "confirmed": figures})

    order = shown(api, fay, order["id"])
    assert (order["status"], order["amount_refunded"]) == ("paid", 1_400 + 2_400)
    assert sorted((refund["amount"], refund["status"]) for refund in order["refunds"]) == [
        (1_400, "succeeded"), (2_400, "succeeded"),
    ]  # fmt: skip
    assert scarf.product.outlet.fulfilments.get().status == Fulfilment.Status.DELIVERED
    back = ConnectedAccount.objects.get(name="Burger Bros")
    assert sum(row.amount for row in RefundShare.objects.filter(transfer__account=back)) == 1_400
    # The papers say the same, and so do stock and books.
    assert [paper["kind"] for paper in order["receipts"]] == ["sale", "credit_note", "credit_note"]
    # The order's story names who did what.
    told = api.as_(olga).get(f"/api/v1/orders/{order['id']}/timeline").json()["moments"]
    moves = [moment for moment in told if moment["kind"] == "kitchen" and "in the queue" not in moment["text"]]
    assert len(moves) == 5 + 4 and {moment["who"] for moment in moves} == {str(cook)}
    notes = [moment for moment in told if moment["text"].startswith("Credit note")]
    assert [moment["who"] for moment in notes] == [str(olga)] * 2
    assert {moment["who"] for moment in told if moment["kind"] == "door"} == {str(gus)}
    call_command("check_books")
    call_command("check_inventory")
    page = as_(olga).get(url(Order, "change", row.pk)).content.decode()
    assert "A hole in it" in page
    assert "Cold" in page
