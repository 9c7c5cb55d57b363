"""A night with TruFan through the generated client: a fan buys a ticket and something at a stand, staff scan the one
and pay back the other. Run it against `make run`: python walk.py http://localhost:8000
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID, uuid4

from trufan_client import AuthenticatedClient, Client
from trufan_client.api.auth import auth_login
from trufan_client.api.checkin import checkin_scans
from trufan_client.api.events import events_list, events_ticket_types_list
from trufan_client.api.orders import orders_create, orders_pay, orders_refunds_create, orders_tickets_list
from trufan_client.api.outlets import outlets_menu_retrieve
from trufan_client.api.tickets import tickets_qr_png_retrieve, tickets_retrieve
from trufan_client.api.venues import venues_outlets_list
from trufan_client.models import (
    CartLineRequest,
    Error,
    LoginRequest,
    PayRequest,
    PlacedOrder,
    PlaceOrderRequest,
    RefundAskedRequest,
    ScanRequest,
    TypeEnum,
)

Answer = TypeVar("Answer")
SERVER = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"


def answered(answer: Answer | Error | None) -> Answer:
    """What the server answered. Ends the walk with the code and the words of a refusal."""
    if isinstance(answer, Error):
        sys.exit(f"{answer.error.code}: {answer.error.message}")
    if answer is None:
        sys.exit("An answer that the schema does not know.")
    return answer


def first(rows: Sequence[Answer], what: str) -> Answer:
    return rows[0] if rows else sys.exit(f"There is no {what}.")


def sign_in(email: str, password: str) -> AuthenticatedClient:
    signed_in = answered(auth_login.sync(client=Client(SERVER), body=LoginRequest(email=email, password=password)))
    return AuthenticatedClient(SERVER, token=signed_in.access_token)


def buy(fan: AuthenticatedClient, line: CartLineRequest) -> PlacedOrder:
    cart = PlaceOrderRequest(items=[line])
    order = answered(orders_create.sync(client=fan, body=cart, idempotency_key=str(uuid4())))
    payment = answered(orders_pay.sync(order.id, client=fan, body=PayRequest(payment_method="pm_card_visa")))
    print("payment", payment.status)
    return order


def something_to_buy(fan: AuthenticatedClient, venue: UUID, search: str) -> CartLineRequest:
    """Something of the venue's shop that can be bought as it is."""
    outlets = answered(venues_outlets_list.sync(venue, client=fan, search=search))
    menu = answered(outlets_menu_retrieve.sync(first(outlets.results, f"outlet called {search}").id, client=fan))
    products = [product for category in menu.categories for product in category.products if product.is_available]
    plain = [product for product in products if not any(group.minimum for group in product.option_groups)]
    variants = [variant for product in plain for variant in product.variants if variant.is_available]
    return CartLineRequest(type_=TypeEnum.PRODUCT, id=first(variants, "product").id, quantity=1)


def main() -> None:
    fan = sign_in("customer1@example.com", "Customer123!")
    events = answered(events_list.sync(client=fan, search="Friday Night Live", ordering="-starts_at"))
    event = first(events.results, "event")
    kinds = answered(events_ticket_types_list.sync(event.id, client=fan))
    kind = first(kinds.results, "ticket type")
    order = buy(fan, CartLineRequest(type_=TypeEnum.TICKET, id=kind.id, quantity=1))

    tickets = answered(orders_tickets_list.sync(order.id, client=fan))
    ticket = answered(tickets_retrieve.sync(first(tickets.results, "ticket").id, client=fan))
    if not ticket.code:
        sys.exit("The ticket has no code.")
    picture = answered(tickets_qr_png_retrieve.sync(ticket.id, client=fan))
    print("picture of", len(picture.payload.read()), "bytes")

    steward = sign_in("steward@trufan.com", "Steward123!")
    seen = ScanRequest(code=ticket.code, event=event.id, gate="North", nonce=str(uuid4()))
    print("scan", answered(checkin_scans.sync(client=steward, body=seen)).result)

    meal = buy(fan, something_to_buy(fan, event.venue.id, "Fan Shop"))
    manager = sign_in("manager@trufan.com", "Manager123!")
    refund = answered(
        orders_refunds_create.sync(
            meal.id, client=manager, body=RefundAskedRequest(reason="It was cold"), idempotency_key=str(uuid4())
        )
    )
    print("refund", refund.status, refund.amount, refund.currency)


if __name__ == "__main__":
    main()
