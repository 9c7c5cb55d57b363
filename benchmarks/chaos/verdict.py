"""Whether every answer still stands, and money and goods agree, in our database and in the provider's books.

    python -m benchmarks.chaos.verdict JOURNAL BOOKS

Prints a JSON list of what does not.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.db.models import Q, Sum


def main(journal: Path, books: Path) -> None:
    django.setup()
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in journal.read_text().splitlines():
        fact = json.loads(line)
        told[fact["what"]].append(fact)
    found = [*orders_told(told), *door_told(told), *kitchen_told(told), *gate_told(told), *refunds_told(told)]
    found += [*money_without_goods(), *goods_without_money(), *provider(json.loads(books.read_text()))]
    print(json.dumps(found))


# --- What was answered ---


def orders_told(told: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    from orders.models import Order
    from ticketing.models import Ticket

    rows = {str(order.pk): order for order in Order.objects.all()}
    for fact in told["order placed"]:
        if fact["order"] not in rows:
            yield f"order {fact['order']} was accepted and is not there"
    for fact in told["order paid"]:
        order = rows.get(fact["order"])
        if order is None or order.status not in ("paid", "refunded") or order.amount_paid != fact["total"]:
            yield f"order {fact['order']} was told to be paid and is {order and (order.status, order.amount_paid)}"
    tickets = {str(pk): str(order) for pk, order in Ticket.objects.values_list("pk", "order_id")}
    for fact in told["ticket issued"]:
        if tickets.get(fact["ticket"]) != fact["order"]:
            yield f"ticket {fact['ticket']} was shown and is not of order {fact['order']}"


def door_told(told: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    from ticketing.door.models import Scan
    from ticketing.models import Ticket

    scans = {scan.nonce: scan for scan in Scan.objects.all()}
    status = {str(pk): is_now for pk, is_now in Ticket.objects.values_list("pk", "status")}
    for result in ("accepted", "refused"):
        for fact in told[f"scan {result}"]:
            scan = scans.get(fact["nonce"])
            if scan is None or scan.result != result:
                yield f"scan {fact['nonce']} was {result} and is {scan and scan.result}"
    for fact in told["scan accepted"]:
        if status.get(fact["ticket"]) not in ("used", "refunded"):
            yield f"ticket {fact['ticket']} was let in and is {status.get(fact['ticket'])}"
    once = Counter(str(scan.ticket_id) for scan in scans.values() if scan.result == "accepted")
    yield from (f"ticket {ticket} was let in {times} times" for ticket, times in once.items() if times > 1)
    yield from (
        f"ticket {ticket} was used by no scan"
        for ticket, is_now in status.items()
        if is_now == "used" and not once[ticket]
    )


def kitchen_told(told: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    from orders.kitchen.models import Fulfilment

    status = {str(pk): is_now for pk, is_now in Fulfilment.objects.values_list("pk", "status")}
    for what, meant in (("food handed over", "picked_up"), ("food refused", "refused")):
        for fact in told[what]:
            if status.get(fact["fulfilment"]) != meant:
                yield f"fulfilment {fact['fulfilment']}: {what}, and it is {status.get(fact['fulfilment'])}"


def gate_told(told: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    from parking.stays.models import GateEvent, ParkingSession

    status = {str(pk): is_now for pk, is_now in ParkingSession.objects.values_list("pk", "status")}
    opened = dict(GateEvent.objects.values_list("nonce", "is_open"))
    for what, facts in told.items():
        if what.startswith("car"):
            is_open = what in ("car let in", "car let out")
            yield from (f"{what}: {fact}" for fact in facts if opened.get(fact["nonce"]) is not is_open)
    for fact in told["car let in"]:
        if fact["session"] not in status:
            yield f"stay {fact['session']} began and is not there"
    for fact in told["car let out"]:
        if status.get(fact["session"]) != "ended":
            yield f"stay {fact['session']} was ended and is {status.get(fact['session'])}"


def refunds_told(told: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    from orders.models import OrderRefund

    rows = {str(refund.pk): refund for refund in OrderRefund.objects.all()}
    for fact in told["refund asked for"]:
        if fact["refund"] not in rows:
            yield f"refund {fact['refund']} was accepted and is not there"


# --- Money and goods ---


def money_without_goods() -> Iterator[str]:
    """Each order with money: paid with all of its goods, or the money gone back or on its way."""
    from orders.models import Order

    for order in Order.objects.filter(amount_paid__gt=0).exclude(status__in=["paid", "refunded"]):
        yield f"order {order.number} is {order.status} and has {order.amount_paid}"
    for order in Order.objects.filter(status="paid").prefetch_related("items"):
        for item in order.items.all():
            wanted, given = _given(order, item)
            if item.status not in ("fulfilled", "revoked") or wanted != given:
                yield f"order {order.number} is paid; {item.item_type} is {item.status} with {given} of {wanted}"


def _given(order: Any, item: Any) -> tuple[int, int]:
    """(how many there should be, how many there are) of what a line became."""
    from parking.booking.models import ParkingReservation

    if item.item_type == "ticket":
        return item.quantity, item.tickets.count()
    if item.item_type == "parking":
        return 1, ParkingReservation.objects.filter(order_item=item).count()
    return 1, order.fulfilments.count()


def goods_without_money() -> Iterator[str]:
    """No ticket, meal or space of an order whose money is not there."""
    from django.db.models import F

    from orders.models import Order

    goods = Q(tickets__isnull=False) | Q(fulfilments__isnull=False) | Q(items__status="fulfilled")
    unpaid = Order.objects.filter(goods).filter(~Q(status__in=["paid", "refunded"]) | ~Q(amount_paid=F("amount_total")))
    for order in unpaid.distinct():
        yield f"order {order.number} is {order.status} with {order.amount_paid} of {order.amount_total} and has goods"
    yield from (f"order {order.number} is still pending" for order in Order.objects.filter(status="pending"))


# --- The provider's own books ---


def provider(books: dict[str, Any]) -> Iterator[str]:
    """What it took and gave back is what we wrote down, charge by charge."""
    from payments.models import Payment

    rows = {row.provider_id: row for row in Payment.objects.filter(provider="stripe") if row.provider_id}
    gone: Counter[str] = Counter()
    for refund in books["refunds"]:
        if refund["status"] != "failed":
            gone[refund["payment_intent"]] += refund["amount"]
    for intent in books["intents"]:
        row, is_taken = rows.pop(intent["id"], None), intent["status"] == "succeeded"
        if is_taken and (row is None or row.status != "succeeded" or row.amount != intent["amount_received"]):
            yield f"{intent['id']} took {intent['amount_received']}; we have {row and (row.status, row.amount)}"
        elif not is_taken and row is not None and row.status == "succeeded":
            yield f"{intent['id']} is {intent['status']}; payment {row.pk} succeeded"
        elif is_taken and row is not None:
            yield from _refunds(row, gone[intent["id"]])
    yield from (f"{pk}: {row.status}, and the provider has no such charge" for pk, row in rows.items())


def _refunds(row: Any, gone: int) -> Iterator[str]:
    from payments.models import Refund

    sums = row.refunds.filter(status__in=["pending", "succeeded"]).aggregate(sum=Sum("amount"))
    if (sums["sum"] or 0) != gone:
        kept = list(row.refunds.values_list("amount", "status"))
        yield f"{row.provider_id}: {gone} went back there, we have {kept}"
    if not row.counted and gone != row.amount and not row.refunds.filter(status=Refund.Status.FAILED).exists():
        yield f"{row.provider_id} was taken for nothing: {row.amount}, {gone} went back"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
