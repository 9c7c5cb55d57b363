"""From what is due by the tariff to what the driver pays: validation off, the platform's fee and tax on.

Fee and validation are reckoned on all that the stay has cost so far, less what earlier charges had of them: a fixed fee
is paid once a stay, and paying in steps costs what paying at once does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum, prefetch_related_objects

from orders import pricing
from orders.pricing import LineAmounts, LinePrice, Tax
from orders.promos import discounts
from orders.promos.discounts import Priced
from orders.promos.models import PromoCode
from parking.booking.models import ReservationChange
from parking.lots.models import ParkingLot
from parking.stays import fees
from parking.stays.fees import Due
from parking.stays.models import ParkingCharge, ParkingSession
from venues import fees as platform
from venues.models import FeeRule, TaxRate
from venues.taxes import rates_for

_KIND = FeeRule.Kind.PARKING
Kind, Status = ParkingCharge.Kind, ParkingCharge.Status


@dataclass(frozen=True)
class Bill:
    """What is due, and every amount of the charge for it. `total` is what the driver pays."""

    due: Due
    amounts: LineAmounts
    platform_fee: int = 0
    promo_code: str = ""

    @property
    def total(self) -> int:
        return self.amounts.total

    def lines(self) -> list[dict[str, Any]]:
        """The parts of the price, then what comes off and on top of it: they add up to `total`."""
        discount, fee = self.amounts.discount, self.amounts.fee
        # A tax within the price is no line of its own.
        on_top = self.total - self.due.amount + discount - fee
        more = (("discount", "Validation", -discount), ("fee", "Fee", fee), ("tax", "Tax", on_top))
        added = [{"kind": kind, "words": words, "amount": amount} for kind, words, amount in more if amount]
        return [*self.due.parts, *added]

    def fields(self) -> dict[str, Any]:
        """The columns of a `ParkingCharge` that this is."""
        return {
            "kind": self.due.kind,
            "covers_until": self.due.covers_until,
            "parts": list(self.due.parts),
            "price": self.due.amount,
            "discount": self.amounts.discount,
            "promo_code": self.promo_code,
            "fee": self.amounts.fee,
            "net": self.amounts.net,
            "tax": self.amounts.tax,
            "tax_lines": tax_lines(self.amounts),
            "platform_fee": self.platform_fee,
            "amount_total": self.total,
        }


def to_pay(session: ParkingSession, now: datetime) -> Bill:
    """What the driver pays at `now`. Where nothing is due, the queries of `fees.due`; else three or four more."""
    return of(session, fees.due(session, now))


def of(session: ParkingSession, due: Due) -> Bill:
    """The bill for what is due of a stay."""
    if not due.amount:
        return Bill(due, pricing.price_line(LinePrice(1, 0)))
    promo = session.promo if session.promo_id else None
    discount = _discount(session, promo, due.amount)
    return _bill(session.lot, due, due.paid, discount, promo.code if promo and discount else "")


def of_change(change: ReservationChange) -> Bill:
    """The bill for what another window of a reservation costs on top."""
    due = Due(
        change.difference,
        change.price,
        change.price - change.difference,
        tuple(change.parts),
        Kind.CHANGE,
        change.ends_at,
        change.difference,
    )
    return _bill(change.capacity.lot, due, due.paid)


def of_tip(amount: int, now: datetime) -> Bill:
    """A tip bears neither fee nor tax."""
    part = {"kind": "tip", "words": "Tip", "amount": amount}
    due = Due(amount, amount, 0, (part,), Kind.TIP, now, amount)
    return Bill(due, pricing.price_line(LinePrice(1, amount)))


def tax_lines(amounts: LineAmounts) -> list[dict[str, Any]]:
    """The tax by rate, as lines of orders keep it."""
    return [
        {
            "name": line.tax.name,
            "rate_ppm": line.tax.ppm,
            "inclusive": line.tax.inclusive,
            "amount": line.amount,
            "net": line.net,
        }
        for line in amounts.tax_lines
    ]


def _discount(session: ParkingSession, promo: PromoCode | None, amount: int) -> int:
    """What the validation takes off `amount`: of the whole stay, less what it took off earlier charges."""
    if promo is None:
        return 0
    earlier = ParkingCharge.objects.filter(session=session, status__in=[Status.PAID, Status.REFUNDED]).exclude(
        kind=Kind.TIP
    )
    price = earlier.aggregate(sum=Sum("price", default=0))["sum"]
    taken = earlier.filter(promo_code=promo.code).aggregate(sum=Sum("discount", default=0))["sum"]
    whole = price + amount
    off = discounts.off(promo, [Priced(1, whole, whole)])[0]
    return min(max(off - taken, 0), amount)


def _bill(lot: ParkingLot, due: Due, before: int, discount: int = 0, promo_code: str = "") -> Bill:
    taxes = rates_for(lot.venue_id)

    def rates(category: str) -> list[Tax]:
        return [Tax(rate.rate_ppm, rate.is_inclusive, rate.name) for rate in taxes.get(category, [])]

    # What a validation pays in full bears no fee, as in a cart.
    price = 0 if discount == due.amount else due.amount
    on_top = _more(platform.on_top, lot, before, price)
    amounts = pricing.price_line(
        LinePrice(
            1,
            due.amount,
            on_top,
            discount,
            taxes=rates(TaxRate.Category.PARKING),
            fee_taxes=rates(TaxRate.Category.FEE),
        )
    )
    out_of_price = _more(platform.out_of_price, lot, before, price)
    return Bill(due, amounts, pricing.platform_fee(amounts, on_top, out_of_price), promo_code)


def _more(rule: Any, lot: ParkingLot, before: int, price: int) -> int:
    """What the fee grows by where the stay costs `price` more than `before`."""
    prefetch_related_objects([lot.venue], "fee_rules")
    return rule(lot.venue, _KIND, before + price) - rule(lot.venue, _KIND, before)
