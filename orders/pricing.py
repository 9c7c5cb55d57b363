"""All arithmetic of an order, as pure functions over integers of minor units.

Rounding: half away from zero to the minor unit, once per line and tax rate, never on a running sum; an order's tax is
the sum of its lines'. Reckoning by line and rounding a half up is what the Streamlined Sales and Use Tax Agreement has
for US states (section 324: up whenever the third decimal is greater than four, on an item or an invoice basis), what
HMRC's VAT Notice 700 has for lines (17.5: to the nearest penny) and retailers (17.6: never down), and what EN 16931
adds up (BR-CO-10: a total is the sum of rounded lines). What is divided goes by largest remainder (`money.allot`), so
that its parts sum to the whole. docs/adr/0007 says why.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from trufan.lib.money import allot, share

WHOLE = 1_000_000


@dataclass(frozen=True)
class Tax:
    """One rate: `ppm` millionths of the base; inclusive, the price already contains it."""

    ppm: int
    inclusive: bool = False
    name: str = ""


@dataclass(frozen=True)
class LinePrice:
    """What goes into a line: `unit_price` and `unit_fee` each, discount and service charge for the whole line."""

    quantity: int
    unit_price: int
    unit_fee: int = 0
    discount: int = 0
    taxes: Sequence[Tax] = ()
    fee_taxes: Sequence[Tax] = ()
    service_charge: int = 0
    charge_taxes: Sequence[Tax] = ()


class TaxLine(NamedTuple):
    """What one rate comes to, and the net that it is on."""

    tax: Tax
    amount: int
    net: int


@dataclass(frozen=True)
class LineAmounts:
    """What comes out: `total` is what the buyer pays; `net + tax == total`, and `tax_lines` add up to the tax.

    `goods_net` of the net is for the thing itself, after discount; `charge_net` is service charge, the rest is fee.
    """

    subtotal: int
    discount: int
    fee: int
    net: int
    tax: int
    service_charge: int = 0
    goods_net: int = 0
    charge_net: int = 0
    tax_lines: tuple[TaxLine, ...] = ()

    @property
    def total(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True)
class OrderAmounts:
    """The sums of an order. Subtotal, fees and service charge are as displayed: with any inclusive tax inside."""

    subtotal: int
    discount: int
    fees: int
    tax: int
    tip: int
    total: int
    service_charge: int = 0


@dataclass(frozen=True)
class Tip:
    """What the buyer leaves: an `amount`, or `ppm` millionths of the food without tax. It bears no tax and no fee."""

    amount: int = 0
    ppm: int | None = None

    def __bool__(self) -> bool:
        return bool(self.amount or self.ppm)

    def of(self, food: int) -> int:
        """The tip on food for `food` minor units without tax."""
        return self.amount if self.ppm is None else share(food, self.ppm)


NO_TIP = Tip()


def unit_fee(unit_price: int, fixed: int, ppm: int) -> int:
    """The service fee on one piece: a fixed part and `ppm` millionths of its price; what is free bears none."""
    return fixed + share(unit_price, ppm) if unit_price else 0


def platform_fee(amounts: LineAmounts, on_top: int, out_of_price: int) -> int:
    """What the platform gets of a line: what the buyer pays for it on top, and the venue out of its own.

    The venue's part is never more than the line brings it: without tax, without what was paid on top, and without the
    service charge, which is its outlet's.
    """
    return on_top + min(out_of_price, max(amounts.net - amounts.charge_net - on_top, 0))


def service_charges(lines: Sequence[tuple[Hashable, int, int]]) -> list[int]:
    """Each line's part of its outlet's charge; a line is `(outlet, price after discount, ppm)`.

    The charge is reckoned once for each outlet, on all that it sells in the order, and divided among its lines.
    """
    parts = [0] * len(lines)
    for outlet, ppm in {(outlet, ppm): None for outlet, _, ppm in lines}:
        own = [at for at, line in enumerate(lines) if (line[0], line[2]) == (outlet, ppm)]
        prices = [lines[at][1] for at in own]
        charge = share(sum(prices), ppm)
        for at, part in zip(own, allot(charge, prices) if charge else [0] * len(own), strict=True):
            parts[at] = part
    return parts


def split_tax(amount: int, taxes: Iterable[Tax]) -> tuple[int, int]:
    """A displayed amount → (net without any tax, tax in all). Exclusive rates are added on top of the net."""
    net, lines = taxed(amount, list(taxes))
    return net, sum(tax for _, tax in lines)


def taxed(amount: int, taxes: Sequence[Tax]) -> tuple[int, list[tuple[Tax, int]]]:
    """A displayed amount → its net without any tax, and what each rate comes to; of nothing there is no tax.

    What is inside is found at once, for all inclusive rates together, and divided among them in proportion; each
    exclusive rate is taken of the net, and rounded by itself.
    """
    if not amount:
        return 0, []
    inside = sum(tax.ppm for tax in taxes if tax.inclusive)
    # gross × 1,000,000 / (1,000,000 + rates), rounded half up: both are never negative.
    net = (amount * WHOLE * 2 + WHOLE + inside) // (2 * (WHOLE + inside)) if inside else amount
    contained = iter(allot(amount - net, [tax.ppm for tax in taxes if tax.inclusive]) if inside else ())
    return net, [(tax, next(contained, 0) if tax.inclusive else share(net, tax.ppm)) for tax in taxes]


def price_line(line: LinePrice) -> LineAmounts:
    """All amounts of one line. Raises `ValueError` when the discount exceeds the price."""
    subtotal, fee = line.unit_price * line.quantity, line.unit_fee * line.quantity
    if not 0 <= line.discount <= subtotal:
        raise ValueError("a discount is between nothing and the price of its line")
    goods_net, goods_taxes = taxed(subtotal - line.discount, line.taxes)
    fee_net, fee_taxes = taxed(fee, line.fee_taxes)
    charge_net, charge_taxes = taxed(line.service_charge, line.charge_taxes)
    together = _together([(goods_net, goods_taxes), (fee_net, fee_taxes), (charge_net, charge_taxes)])
    return LineAmounts(
        subtotal=subtotal,
        discount=line.discount,
        fee=fee,
        net=goods_net + fee_net + charge_net,
        tax=sum(line.amount for line in together),
        service_charge=line.service_charge,
        goods_net=goods_net,
        charge_net=charge_net,
        tax_lines=together,
    )


def _together(parts: Iterable[tuple[int, Iterable[tuple[Tax, int]]]]) -> tuple[TaxLine, ...]:
    """The same rate on price, fee and charge is one line of tax; a part is `(net, its taxes)`."""
    sums: dict[Tax, TaxLine] = {}
    for net, taxes in parts:
        for tax, amount in taxes:
            known = sums.get(tax, TaxLine(tax, 0, 0))
            sums[tax] = TaxLine(tax, known.amount + amount, known.net + net)
    return tuple(sums.values())


@dataclass(frozen=True)
class Terms:
    """What is kept when something is given back: its service fee or not, `keep_ppm` millionths of the rest, and
    `keep_amount` minor units besides, as far as there are any."""

    keep_fees: bool = False
    keep_ppm: int = 0
    keep_amount: int = 0

    def kept(self, value: int, fee: int) -> int:
        """What is kept of pieces that cost `value` all in, `fee` of it service fee."""
        fee = min(fee, value) if self.keep_fees else 0
        return min(fee + share(value - fee, self.keep_ppm) + self.keep_amount, value)


def worth(left: int, pieces: int, wanted: int) -> int:
    """What `wanted` of `pieces` equal pieces are worth that are worth `left` together.

    By largest remainder: each piece gets the same, the first ones a minor unit more. Asked again with what is then
    left, however many at a time, it gives the last piece exactly the rest.
    """
    if not 0 <= wanted <= pieces:
        raise ValueError("more pieces than there are")
    each, odd = divmod(left, pieces) if pieces else (0, 0)
    return wanted * each + min(wanted, odd)


def add_up(lines: Iterable[LineAmounts], tip: int = 0) -> OrderAmounts:
    """The order's amounts: sums of its lines, and the tip."""
    lines = list(lines)
    return OrderAmounts(
        subtotal=sum(line.subtotal for line in lines),
        discount=sum(line.discount for line in lines),
        fees=sum(line.fee for line in lines),
        tax=sum(line.tax for line in lines),
        tip=tip,
        total=sum(line.total for line in lines) + tip,
        service_charge=sum(line.service_charge for line in lines),
    )
