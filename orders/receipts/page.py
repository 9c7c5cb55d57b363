"""What a paper says, in words: one description, from which both the page and the PDF are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale

from orders.models import OrderTip
from orders.receipts.models import Receipt
from payments.models import Payment, Refund
from trufan.lib.money import show

Kind = Receipt.Kind
TITLES = {
    Kind.SALE: "Receipt",
    Kind.TIP: "Receipt for a tip",
    Kind.PARKING: "Receipt for parking",
    Kind.CREDIT_NOTE: "Credit note",
}
#: What is printed with how it stands now.
_STANDING = (Kind.SALE, Kind.PARKING)
_TERRITORIES = Locale("en").territories


@dataclass(frozen=True)
class Line:
    """One line: what, how many, at what price each, and its amounts."""

    what: str
    details: Sequence[str]
    quantity: str
    price: str
    net: str
    tax: str
    total: str


@dataclass(frozen=True)
class Movement:
    """Money that came or went: when, what it was, how much."""

    when: str
    what: str
    amount: str


@dataclass(frozen=True)
class Page:
    """A paper in words. `movements` tell how the sale stands now; all else is as it was when it was issued."""

    title: str
    number: str
    issuer: str
    address: Sequence[str]
    facts: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    taxes: Sequence[tuple[str, str, str]]
    sums: Sequence[tuple[str, str]]
    total: tuple[str, str]
    movements: Sequence[Movement] = field(default=())
    as_of: str = ""


def describe(receipt: Receipt, now: datetime) -> Page:
    """The paper as it is printed at `now`. Times are by the clock of the venue."""
    said, zone = receipt.contents, ZoneInfo(receipt.contents["venue"]["time_zone"])
    venue = said["venue"]
    is_sale = receipt.kind in _STANDING
    return Page(
        title=TITLES[Kind(receipt.kind)],
        number=receipt.label,
        issuer=venue["name"],
        address=_address(venue),
        facts=_facts(receipt, zone),
        lines=[_line(line, receipt.currency) for line in said["lines"]],
        taxes=[_tax(row, receipt.currency) for row in said["taxes"]],
        sums=_sums(said, receipt.currency),
        total=("Returned" if receipt.kind == Kind.CREDIT_NOTE else "Total", show(receipt.amount, receipt.currency)),
        movements=_movements(receipt, zone) if is_sale else (),
        as_of=_time(now, zone) if is_sale else "",
    )


def _time(moment: datetime, zone: ZoneInfo) -> str:
    """`20 November 2026, 19:30 EST`."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def _address(venue: Mapping[str, str]) -> list[str]:
    town = " ".join(part for part in (venue["postal_code"], venue["city"]) if part)
    place = ", ".join(part for part in (town, venue["region"]) if part)
    return [part for part in (venue["street"], place, _TERRITORIES.get(venue["country"], venue["country"])) if part]


def _facts(receipt: Receipt, zone: ZoneInfo) -> list[tuple[str, str]]:
    is_note = receipt.kind == Kind.CREDIT_NOTE
    facts = [
        ("Number", receipt.label),
        ("Issued", _time(receipt.issued_at, zone)),
        ("Returned" if is_note else "Paid", _time(receipt.happened_at, zone)),
    ]
    if "order" in receipt.contents:
        facts.append(("Order", receipt.contents["order"]))
    facts += [(name, value) for name, value in receipt.contents.get("facts", ())]
    if receipt.amends is not None:
        facts.append(("Amends receipt", f"{receipt.amends.label} of {_time(receipt.amends.issued_at, zone)}"))
    if receipt.order is not None and receipt.order.contact_name:
        facts.append(("Customer", receipt.order.contact_name))
    return facts


def _line(line: Mapping[str, Any], currency: str) -> Line:
    details = list(line["options"])
    if line.get("discount"):
        details.append(f"Discount {show(-line['discount'], currency)}")
    for name, words in (("fee", "Fee"), ("service_charge", "Service charge")):
        if line.get(name):
            details.append(f"{words} {show(line[name], currency)}")
    return Line(
        what=line["description"],
        details=details,
        quantity=str(line["quantity"] or ""),
        price=show(line["unit_price"], currency) if "unit_price" in line else "",
        net=show(line["net"], currency),
        tax=show(line["tax"], currency),
        total=show(line["total"], currency),
    )


def _tax(row: Mapping[str, Any], currency: str) -> tuple[str, str, str]:
    rate = "" if row["ppm"] is None else f" {row['ppm'] / 10_000:g} %"
    return f"{row['name']}{rate}", show(row["net"], currency), show(row["tax"], currency)


def _sums(said: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """What the total is made of: the rows add up to it. What is nothing is left out."""
    lines = said["lines"]
    if "subtotal" in said:
        shown = said["subtotal"] - said["discount"] + said["fees"] + said["service_charge"]
        rows = [
            ("Prices", said["subtotal"]),
            ("Discount", -said["discount"]),
            ("Fees", said["fees"]),
            ("Service charge", said["service_charge"]),
            ("Tax on top", sum(line["total"] for line in lines) - shown),
            ("Tip", said["tip"]),
        ]
    else:
        rows = [
            ("Net", sum(line["net"] for line in lines)),
            ("Tax", sum(line["tax"] for line in lines)),
            ("Tip", said["tip"]),
        ]
    return [(name, show(amount, currency)) for name, amount in rows if amount]


def _movements(receipt: Receipt, zone: ZoneInfo) -> list[Movement]:
    """Every payment of what was sold and of its tips, and every refund, with the number of its paper.

    Four queries at most.
    """
    order = receipt.order
    tips = [] if order is None else list(OrderTip.objects.filter(order=order).values_list("pk", flat=True))
    paid = list(Payment.objects.filter(payable_id__in=[receipt.subject_id, *tips], counted=True))
    refunds = list(Refund.objects.filter(payment__in=paid, status=Refund.Status.SUCCEEDED))
    subjects = [*(row.payable_id for row in paid), *(row.pk for row in refunds)]
    numbers = dict(Receipt.objects.filter(subject_id__in=subjects).values_list("subject_id", "number"))
    rows = [
        (row.settled_at or row.created_at, "Tip paid" if row.payable_id in tips else "Paid", row.amount, row.payable_id)
        for row in paid
    ]
    rows += [(row.settled_at or row.created_at, "Refunded", -row.amount, row.pk) for row in refunds]
    return [
        Movement(_time(when, zone), _with_number(what, numbers.get(subject), amount), show(amount, receipt.currency))
        for when, what, amount, subject in sorted(rows, key=lambda row: row[0])
    ]


def _with_number(what: str, number: int | None, amount: int) -> str:
    if number is None:
        return what
    return f"{what}, {'credit note' if amount < 0 else 'receipt'} {number:06d}"
