"""What a paper says, in words: one description, from which both the page and the PDF are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.numbers import format_decimal
from django.utils import translation
from django.utils.translation import gettext

from orders.models import OrderTip
from orders.receipts.models import Receipt
from orders.speaking import language_for
from payments.models import Payment, Refund
from trufan.lib.moments import locale_of, on_paper
from trufan.lib.money import show
from trufan.lib.words import lazy as _

Kind = Receipt.Kind
TITLES = {
    Kind.SALE: _("Receipt"),
    Kind.TIP: _("Receipt for a tip"),
    Kind.PARKING: _("Receipt for parking"),
    Kind.CREDIT_NOTE: _("Credit note"),
}
#: What is printed with how it stands now.
_STANDING = (Kind.SALE, Kind.PARKING)


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

    language: str
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
    """The paper as it is printed at `now`, in the language of who bought. Times are by the clock of the venue."""
    language = language_of(receipt)
    with translation.override(language):
        return _described(receipt, now, language)


def language_of(receipt: Receipt) -> str:
    """The buyer's; the venue's where the paper is of nobody we know."""
    order = receipt.order
    return language_for(receipt.venue if order is None else order.venue, order)


def _described(receipt: Receipt, now: datetime, language: str) -> Page:
    said, zone = receipt.contents, ZoneInfo(receipt.contents["venue"]["time_zone"])
    venue = said["venue"]
    is_sale = receipt.kind in _STANDING
    return Page(
        language=language,
        title=str(TITLES[Kind(receipt.kind)]),
        number=receipt.label,
        issuer=venue["name"],
        address=_address(venue),
        facts=_facts(receipt, zone),
        lines=[_line(line, receipt.currency) for line in said["lines"]],
        taxes=[_tax(row, receipt.currency) for row in said["taxes"]],
        sums=_sums(said, receipt.currency),
        total=(
            gettext("Returned") if receipt.kind == Kind.CREDIT_NOTE else gettext("Total"),
            show(receipt.amount, receipt.currency),
        ),
        movements=_movements(receipt, zone) if is_sale else (),
        as_of=_time(now, zone) if is_sale else "",
    )


def _time(moment: datetime, zone: ZoneInfo) -> str:
    """`20 November 2026, 19:30 EST`."""
    return on_paper(moment, zone, names_zone=True)


def _address(venue: Mapping[str, str]) -> list[str]:
    town = " ".join(part for part in (venue["postal_code"], venue["city"]) if part)
    place = ", ".join(part for part in (town, venue["region"]) if part)
    return [part for part in (venue["street"], place, _country(venue["country"])) if part]


def _country(code: str) -> str:
    named: str = Locale.parse(locale_of()).territories.get(code, code)
    return named


def _facts(receipt: Receipt, zone: ZoneInfo) -> list[tuple[str, str]]:
    is_note = receipt.kind == Kind.CREDIT_NOTE
    facts = [
        (gettext("Number"), receipt.label),
        (gettext("Issued"), _time(receipt.issued_at, zone)),
        (gettext("Returned") if is_note else gettext("Paid"), _time(receipt.happened_at, zone)),
    ]
    if "order" in receipt.contents:
        facts.append((gettext("Order"), receipt.contents["order"]))
    facts += [(gettext(name), value) for name, value in receipt.contents.get("facts", ())]
    if receipt.amends is not None:
        issued = _time(receipt.amends.issued_at, zone)
        said = gettext("{number} of {issued}").format(number=receipt.amends.label, issued=issued)
        facts.append((gettext("Amends receipt"), said))
    if receipt.order is not None and receipt.order.contact_name:
        facts.append((gettext("Customer"), receipt.order.contact_name))
    return facts


def _line(line: Mapping[str, Any], currency: str) -> Line:
    details = list(line["options"])
    if line.get("discount"):
        details.append(gettext("Discount {amount}").format(amount=show(-line["discount"], currency)))
    for name, words in (("fee", gettext("Fee {amount}")), ("service_charge", gettext("Service charge {amount}"))):
        if line.get(name):
            details.append(words.format(amount=show(line[name], currency)))
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
    if row["ppm"] is None:
        # The one name of a rate that is ours: a line that does not say which rates made up its tax.
        return gettext(row["name"]), show(row["net"], currency), show(row["tax"], currency)
    rate = format_decimal(row["ppm"] / 10_000, "#,##0.####", locale=locale_of())
    return f"{row['name']} {rate} %", show(row["net"], currency), show(row["tax"], currency)


def _sums(said: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """What the total is made of: the rows add up to it. What is nothing is left out."""
    lines = said["lines"]
    if "subtotal" in said:
        shown = said["subtotal"] - said["discount"] + said["fees"] + said["service_charge"]
        rows = [
            (gettext("Prices"), said["subtotal"]),
            (gettext("Discount"), -said["discount"]),
            (gettext("Fees"), said["fees"]),
            (gettext("Service charge"), said["service_charge"]),
            (gettext("Tax on top"), sum(line["total"] for line in lines) - shown),
            (gettext("Tip"), said["tip"]),
        ]
    else:
        rows = [
            (gettext("Net"), sum(line["net"] for line in lines)),
            (gettext("Tax"), sum(line["tax"] for line in lines)),
            (gettext("Tip"), said["tip"]),
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
        (
            row.settled_at or row.created_at,
            gettext("Tip paid") if row.payable_id in tips else gettext("Paid"),
            row.amount,
            row.payable_id,
        )
        for row in paid
    ]
    rows += [(row.settled_at or row.created_at, gettext("Refunded"), -row.amount, row.pk) for row in refunds]
    return [
        Movement(_time(when, zone), _with_number(what, numbers.get(subject), amount), show(amount, receipt.currency))
        for when, what, amount, subject in sorted(rows, key=lambda row: row[0])
    ]


def _with_number(what: str, number: int | None, amount: int) -> str:
    if number is None:
        return what
    words = gettext("{what}, credit note {number}") if amount < 0 else gettext("{what}, receipt {number}")
    return words.format(what=what, number=f"{number:06d}")
