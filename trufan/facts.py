"""What Prometheus is told of business: orders, sales, payments, refunds as they happen; what is held or open now.

What happened is heard from the audit trail and the signals of the apps, which know nothing of this, and counted after
the commit. What is held or open is measured when it is asked for, along indexes, and no further than `CEILING`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import Model
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from audit import trail
from orders.models import Order
from orders.signals import order_settled
from payments.models import Payment
from trufan.lib import measures, outage
from trufan.lib.models import row_moved
from trufan.lib.queues import CEILING

log = structlog.get_logger("trufan.facts")
_TABLES = {"orders.order": measures.ORDERS, "payments.refund": measures.REFUNDS}


def connect() -> None:
    """Count from now on."""
    trail.listen(_placed)
    row_moved.connect(_moved, dispatch_uid="trufan.facts.moved")
    order_settled.connect(_settled, dispatch_uid="trufan.facts.settled")


def _placed(entry: Any, entity: Model | None) -> None:
    if entry.action == "order.placed":
        measures.add(measures.ORDERS, "placed")


def _moved(sender: Any, row: Any, **_: Any) -> None:
    """A payment, a refund or an order came to another state, which is one of those of its table."""
    if isinstance(row, Payment):
        measures.add(measures.PAYMENTS, row.provider, str(row.status))
    elif counter := _TABLES.get(row._meta.label_lower):
        measures.add(counter, str(row.status))


def _settled(sender: Any, order: Order, **_: Any) -> None:
    measures.add(measures.SALES, str(order.channel))
    measures.add(measures.SALES_AMOUNT, order.currency, amount=order.amount_total)
    pieces: Counter[str] = Counter()
    for item in order.all_lines():
        pieces[item.item_type] += item.quantity
    for kind, number in pieces.items():
        measures.add(measures.SOLD, kind, amount=number)


class Stock(Collector):
    """What is held or open at this moment. A database that is gone leaves them out."""

    def collect(self) -> Iterator[Metric]:
        holds = GaugeMetricFamily(
            "trufan_holds",
            f"Orders that hold stock: in time, or overdue and not yet swept; {CEILING} means so many or more.",
            labels=["state"],
        )
        open_payments = GaugeMetricFamily(
            "trufan_payments_open", f"Payments that are not settled; {CEILING} in all means more.", labels=["state"]
        )
        if outage.is_on():
            return
        try:
            for state, number in _holds().items():
                holds.add_metric([state], number)
            for state, number in _open_payments().items():
                open_payments.add_metric([state], number)
        except DatabaseError as problem:
            outage.noticed(problem)
            log.warning("facts not measured", error=type(problem).__name__)
            return
        yield from (holds, open_payments)

    def describe(self) -> list[Metric]:
        """Nothing is measured only to be described."""
        return []


def _holds() -> dict[str, int]:
    now = timezone.now()
    pending = Order.objects.filter(status=Order.Status.PENDING).order_by("expires_at")
    kinds = {"live": pending.filter(expires_at__gt=now), "overdue": pending.filter(expires_at__lte=now)}
    return {state: rows.values("expires_at")[:CEILING].count() for state, rows in kinds.items()}


def _open_payments() -> dict[str, int]:
    states = (Payment.Status.CREATED, Payment.Status.REQUIRES_ACTION, Payment.Status.PROCESSING)
    found = Counter(Payment.objects.open().order_by().values_list("status", flat=True)[:CEILING])
    return {str(state): found[state] for state in states}
