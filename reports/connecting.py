"""Which rollups there are of money, and what makes them out of date besides the movements of the books."""

from __future__ import annotations

from typing import Any

from accounts import personal_data
from orders.signals import buyers_forgotten, order_settled, orders_adopted
from payments.models import Dispute
from payments.signals import dispute_noted
from reports import registry
from reports.fans import counting as fans
from reports.fans import knowing
from reports.fans import reports as fan_reports
from reports.fans.models import FanDay
from reports.payouts import counting as payouts
from reports.payouts import reports as payout_reports
from reports.payouts.models import PayoutDay
from reports.promos import counting as promos
from reports.promos import reports as promo_reports
from reports.promos.models import PromoDay
from reports.returns import counting as returns
from reports.returns import reports as return_reports
from reports.returns.models import ReturnDay
from reports.rollups import keeping
from reports.rollups.base import Rollup, register
from reports.rollups.topics import MONEY
from reports.sales import moves
from reports.taxes import counting as taxes
from reports.taxes import reports as tax_reports
from reports.taxes.models import TaxDay


def connect() -> None:
    """Called when the app is ready, after the sales."""
    register(Rollup(payout_reports.NAME, PayoutDay, MONEY, payouts.compute, payouts.first_at))
    register(Rollup(tax_reports.NAME, TaxDay, MONEY, taxes.compute, payouts.first_at))
    register(Rollup(return_reports.NAME, ReturnDay, MONEY, returns.compute, returns.first_at))
    register(Rollup(promo_reports.NAME, PromoDay, MONEY, promos.compute, moves.first_at))
    register(Rollup(fan_reports.NAME, FanDay, MONEY, fans.compute, fans.first_at, prepare=knowing.fill_in))
    registry.register(
        payout_reports.PAYOUTS, tax_reports.TAXES, return_reports.RETURNS, promo_reports.PROMOS, fan_reports.FANS
    )
    dispute_noted.connect(_disputed, dispatch_uid="reports.mark_disputes")
    order_settled.connect(knowing.note, dispatch_uid="reports.note_buyers")
    orders_adopted.connect(knowing.hand_over, dispatch_uid="reports.hand_over_buyers")
    buyers_forgotten.connect(knowing.forget_buyers, dispatch_uid="reports.forget_buyers")
    personal_data.register("buyers", export=knowing.export, erase=knowing.erase)


def _disputed(dispute: Dispute, **_: Any) -> None:
    # What it has come to, and the bank's reason, are told with every day that has a part of it.
    keeping.mark(MONEY, dispute.payment.venue_id, *returns.moments_of(dispute))
