"""What a paper says, taken down when it is issued: plain values in minor units that nothing later changes.

A sale has `venue`, `order`, `lines`, `taxes`, `subtotal`, `discount`, `fees`, `service_charge`, `tax`, `tip` and
`total`; a tip and a credit note have fewer of them. What belongs to no order has `facts` instead: `[[name, value], …]`.
Each line has its own `taxes`, so that a credit note can be made from the receipt alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from orders.receipts import crediting
from orders.receipts.models import Receipt

if TYPE_CHECKING:
    from orders.aftersale.models import OrderTip
    from orders.models import Order, OrderItem
    from payments.models import Refund
    from venues.models import Venue


class Taxed(Protocol):
    """A line of an order, or whatever else bears tax."""

    tax_lines: Any
    net: Any
    tax: Any


#: The part of an order that is on no line.
TIP = "tip"
_ORDER_AMOUNTS = ("subtotal", "discount", "fees", "service_charge", "tax", "tip")
_LINE_AMOUNTS = ("quantity", "unit_price", "discount", "fee", "service_charge", "net", "tax", "total")


def of_order(order: Order) -> dict[str, Any]:
    """What was sold, with every amount it was sold at."""
    lines = [_line(item) for item in order.all_lines()]
    return {
        "venue": venue_of(order.venue),
        "order": order.number,
        "lines": lines,
        "taxes": by_rate(lines),
        **{name: getattr(order, name) for name in _ORDER_AMOUNTS},
        "total": order.amount_total,
    }


def of_tip(tip: OrderTip) -> dict[str, Any]:
    """A tip that came later: no lines, no tax."""
    venue, total = venue_of(tip.order.venue), tip.amount_total
    return {"venue": venue, "order": tip.order.number, "lines": [], "taxes": [], "tip": total, "total": total}


def of_refund(refund: Refund, receipt: Receipt, earlier: Iterable[Receipt]) -> dict[str, Any]:
    """What of `receipt` a refund gives back, after the `earlier` credit notes on it.

    The lines that the refund was for come first; money for which nothing was taken back is spread over what is left.
    """
    sold = receipt.contents
    before = crediting.add_up([each for note in earlier for each in _parts(note.contents).items()])
    left = {part: amount - before.get(part, 0) for part, amount in _parts(sold).items()}
    quantities, asked = _asked(refund)
    parts = crediting.spread(refund.amount, left, {part: n for part, n in asked.items() if part in left})
    lines = [
        _credited(line, parts[line["id"]], before.get(line["id"], 0), quantities.get(line["id"]))
        for line in sold["lines"]
        if line["id"] in parts
    ]
    return {
        **{name: sold[name] for name in ("venue", "order", "facts") if name in sold},
        "lines": lines,
        "taxes": by_rate(lines),
        "tax": sum(row["tax"] for line in lines for row in line["taxes"]),
        "tip": parts.get(TIP, 0),
        "total": refund.amount,
    }


def venue_of(venue: Venue) -> dict[str, str]:
    """Who issues the paper, and where."""
    names = ("name", "street", "city", "region", "postal_code", "country", "time_zone")
    return {name: getattr(venue, name) for name in names}


def _line(item: OrderItem) -> dict[str, Any]:
    return {
        "id": str(item.pk),
        "description": item.description,
        "options": option_words(item.options),
        **{name: getattr(item, name) for name in _LINE_AMOUNTS},
        "taxes": taxes_of(item),
    }


def taxes_of(item: Taxed) -> list[dict[str, Any]]:
    """The line's taxes by rate; one row without a rate where the line does not say which made up its tax.

    A line's `tax_lines` are `[{"name", "rate_ppm", "amount", "net"}]`; `net` is what the rate is on.
    """
    if item.tax_lines:
        return [
            {"name": row["name"], "ppm": row["rate_ppm"], "net": row["net"], "tax": row["amount"]}
            for row in item.tax_lines
        ]
    return [{"name": "Tax", "ppm": None, "net": item.net, "tax": item.tax}] if item.tax else []


def option_words(options: Mapping[str, Any]) -> list[str]:
    """What was picked, in words, from a line's `options`: `{"chosen": [{"group", "name", "quantity", …}]}`."""
    return [
        f"{pick['group']}: {pick['name']}" + (f" × {pick['quantity']}" if pick.get("quantity", 1) > 1 else "")
        for pick in options.get("chosen", ())
    ]


def by_rate(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The taxes of all lines, each rate once, in the order of their first appearance."""
    rates: dict[tuple[str, int | None], dict[str, Any]] = {}
    for row in (row for line in lines for row in line["taxes"]):
        key = (row["name"], row["ppm"])
        known = rates.setdefault(key, {"name": row["name"], "ppm": row["ppm"], "net": 0, "tax": 0})
        known["net"] += row["net"]
        known["tax"] += row["tax"]
    return list(rates.values())


def _parts(contents: Mapping[str, Any]) -> dict[str, int]:
    """Line by id, and the tip → what it came to."""
    return {line["id"]: line["total"] for line in contents["lines"]} | {TIP: contents["tip"]}


def _asked(refund: Refund) -> tuple[dict[str, int], dict[str, int]]:
    """How many pieces of which lines were given back, and for how much; the tip is a part like a line."""
    asked = refund.order_refunds.prefetch_related("lines").first()
    lines = list(asked.lines.all()) if asked else []
    quantities = {str(line.item_id): line.quantity for line in lines}
    return quantities, {str(line.item_id): line.amount for line in lines} | {TIP: asked.tip if asked else 0}


def _credited(line: Mapping[str, Any], amount: int, before: int, quantity: int | None) -> dict[str, Any]:
    def due(whole: int) -> int:
        return crediting.due_of(whole, line["total"], before, amount)

    taxes = [{**row, "net": due(row["net"]), "tax": due(row["tax"])} for row in line["taxes"]]
    tax = sum(row["tax"] for row in taxes)
    return {
        "id": line["id"],
        "description": line["description"],
        "options": line["options"],
        "quantity": quantity,
        "net": amount - tax,
        "tax": tax,
        "total": amount,
        "taxes": taxes,
    }
