"""Many buyers, few tickets and portions, several server processes: exactly what there is gets sold."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from django.core.management import call_command
from django.db.models import Count

from orders.menu.models import ProductVariant
from orders.models import Order, OrderItem
from ticketing.models import Ticket, TicketType
from trufan.testing import OutletFactory, ProductFactory, ProductVariantFactory, TicketTypeFactory
from trufan.tests.servers import Server, ask, servers

BUYERS, TICKETS = 400, 100


def buy(server: Server, number: int, ticket_type: str) -> tuple[str, int]:
    """Place and pay as a guest → what became of it, and the HTTP status that said so."""
    caller = server.connect()
    contact = {"email": f"guest{number}@example.com", "phone": f"+1212555{number:04}", "name": "Guest"}
    cart = {"items": [{"type": "ticket", "id": ticket_type, "quantity": 1}], "contact": contact}
    status, order = ask(caller, "POST", "/api/v1/orders", cart)
    if status != 201:
        return order["error"]["code"], status
    headers = {"X-Order-Access-Code": order["access_code"]}
    status, payment = ask(caller, "POST", f"/api/v1/orders/{order['id']}/pay", {}, headers)
    return payment["status"], status


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_exactly_what_there_is_gets_sold_and_everyone_else_is_told():
    ticket_type = TicketTypeFactory(quantity=TICKETS)
    with servers(2, workers=2) as running, ThreadPoolExecutor(48) as crowd:
        outcomes = Counter(crowd.map(lambda n: buy(running[n % len(running)], n, str(ticket_type.pk)), range(BUYERS)))

    assert outcomes == {("succeeded", 200): TICKETS, ("sold_out", 409): BUYERS - TICKETS}
    row = TicketType.objects.get(pk=ticket_type.pk)
    assert (row.held, row.sold) == (0, TICKETS)
    assert Ticket.objects.filter(status="valid").count() == TICKETS
    assert Order.objects.filter(status="paid").count() == TICKETS
    call_command("check_inventory")
    call_command("check_books")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_carts_that_take_the_same_types_in_other_orders_never_deadlock():
    """Buyers who also meet overdue holds: stock is locked in key order whatever the order of the lines."""
    one = TicketTypeFactory(quantity=60)
    two = TicketTypeFactory(event=one.event, quantity=60)
    pair = [str(one.pk), str(two.pk)]

    def place(number: int) -> int:
        server = running[number % len(running)]
        types = pair if number % 2 else pair[::-1]
        contact = {"email": f"guest{number}@example.com", "phone": f"+1212555{number:04}"}
        items = [{"type": "ticket", "id": type_id, "quantity": 1} for type_id in types]
        return ask(server.connect(), "POST", "/api/v1/orders", {"items": items, "contact": contact})[0]

    # Holds that run out at once: from the 61st on, a buyer has to make room first.
    with servers(2, workers=1, HOLD_SECONDS="0") as running, ThreadPoolExecutor(16) as crowd:
        outcomes = Counter(crowd.map(place, range(200)))

    assert set(outcomes) <= {201, 409}, outcomes
    assert outcomes[201] >= 60
    held = OrderItem.objects.filter(status="held").count()
    assert sum(TicketType.objects.values_list("held", flat=True)) == held
    call_command("check_inventory")
    call_command("check_books")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_last_portions_are_sold_once_in_carts_of_tickets_and_food():
    """Two hundred fans, fifty portions, carts whose lines stand in every order; each gets all or nothing."""
    ticket_type = TicketTypeFactory(quantity=1_000)
    outlet = OutletFactory(venue=ticket_type.event.venue)
    burger, drink = (ProductVariantFactory(product=ProductFactory(outlet=outlet), quantity=q) for q in (50, 1_000))
    option = burger.product.option_groups.create(name="Extras").options.create(name="Cheese", price_delta=100)
    lines = [
        {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1},
        {"type": "product", "id": str(burger.pk), "quantity": 1, "options": [{"id": str(option.pk)}]},
        {"type": "product", "id": str(drink.product_id), "quantity": 2},
    ]
    orders_of_lines = list(permutations(lines))

    def order(number: int) -> tuple[str, int]:
        caller = running[number % len(running)].connect()
        cart = {
            "items": orders_of_lines[number % len(orders_of_lines)],
            "contact": {"email": f"guest{number}@example.com", "phone": f"+1212555{number:04}"},
        }
        status, placed = ask(caller, "POST", "/api/v1/orders", cart)
        if status != 201:
            return placed["error"]["code"], status
        headers = {"X-Order-Access-Code": placed["access_code"]}
        status, payment = ask(caller, "POST", f"/api/v1/orders/{placed['id']}/pay", {}, headers)
        return payment["status"], status

    with servers(2, workers=2) as running, ThreadPoolExecutor(48) as crowd:
        outcomes = Counter(crowd.map(order, range(200)))

    assert outcomes == {("succeeded", 200): 50, ("sold_out", 409): 150}
    counters = {row.pk: (row.held, row.sold) for row in ProductVariant.objects.all()}
    assert counters == {burger.pk: (0, 50), drink.pk: (0, 100)}
    ticket_type.refresh_from_db()
    assert (ticket_type.held, ticket_type.sold) == (0, 50)
    filled = Order.objects.annotate(lines=Count("items")).values_list("status", "lines")
    assert Counter(filled) == {("paid", 3): 50}
    call_command("check_inventory")
