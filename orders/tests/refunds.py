"""Orders that were paid, and what their refunds come to, for tests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from orders.models import Order
from orders.tests.test_holds import place
from payments import charges, refunds
from payments.models import Refund


def buy(user: Any, *lines: Any, method: str = "pm_card_visa") -> Order:
    """An order that is paid."""
    order = place(user, *lines)
    if not order.is_free:
        charges.start(order, payer=user, payment_method=method, now=timezone.now())
    return Order.objects.get(pk=order.pk)


def send(refund: Any) -> None:
    """Let the provider answer a refund, as it does once the request is committed."""
    for part in refund.parts.filter(status=Refund.Status.PENDING):
        refunds.execute(part.pk, part.next_attempt_at)
    refund.order.refresh_from_db()
    refund._prefetched_objects_cache = {}


def url(order: Order, *rest: str) -> str:
    return "/".join(["/api/v1/orders", str(order.pk), "refunds", *rest])


def details(answer: Any) -> list[tuple[str, str]]:
    """Where and why a request was refused."""
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]
