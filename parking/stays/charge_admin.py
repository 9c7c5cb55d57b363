"""The console's page of parking charges: read-only, but for the refund; and the tables other pages show of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from parking.lots.console import DayFilter, LotFilter
from parking.stays import answer_forms, charging
from parking.stays.models import ParkingCharge
from payments.admin import refund_section
from payments.dispute_admin import dispute_section
from payments.models import Dispute, Payment, Refund
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(ParkingCharge)
class ParkingChargeAdmin(HistoryMixin, TenantModelAdmin):
    """What stays and changes of reservations cost, each a payment of its own."""

    venue_lookup = "lot__venue_id"
    view_permission = (Permission.RUN_PARKING, Permission.VIEW_PAYMENTS)

    list_display = ["number", "state", "kind_label", "amount_shown", "refunded_shown", "lot", "stay", "paid", "at"]
    list_filter = [VenueFilter, LotFilter, "status", "kind", DayFilter]
    search_fields = [
        "number__istartswith", "session__number__istartswith", "change__reservation__number__istartswith",
        "promo_code__iexact",
    ]  # fmt: skip
    search_help_text = _("Number of the charge, the stay or the reservation, or a promo code")
    list_select_related = ["lot", "session", "change__reservation"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("lot", "stay"), ("kind_label", "description"), "covered"]}),
        (
            _("Amount"),
            {"fields": [("price_shown", "discount_shown", "promo_code"), ("fee_shown", "tax_shown"),
                        ("amount_shown", "refunded_shown", "platform_shown")]},
        ),
        (_("When"), {"fields": [("asked", "paid")]}),
    ]  # fmt: skip
    readonly_fields = [
        "state", "kind_label", "stay", "covered", "price_shown", "discount_shown", "fee_shown", "tax_shown",
        "amount_shown", "refunded_shown", "platform_shown", "asked", "paid",
    ]  # fmt: skip

    buttons = [
        RowButton(
            name="refund",
            label=_("Refund"),
            permission=Permission.REFUND_ORDERS,
            run=charging.refund,
            consequence=lambda charge: gettext(
                "Up to {amount_paid} goes back to the payer, the way it came. The stay stays paid "
                "for. This can't be undone."
            ).format(amount_paid=show(charge.amount_paid - charge.amount_refunded, charge.currency)),
            done=_("The refund of {row} is under way."),
            available=lambda charge: (
                charge.status == ParkingCharge.Status.PAID and charge.amount_paid > charge.amount_refunded
            ),
            form=answer_forms.refund_form,
            icon="undo",
            is_destructive=True,
        )
    ]

    state = columns.badge("status", _("status"))
    kind_label = columns.badge("kind", _("for"), {})
    price_shown = columns.money("price", _("by the tariff"))
    discount_shown = columns.money("discount", _("paid by a validation"))
    fee_shown = columns.money("fee", _("fee"))
    tax_shown = columns.money("tax", _("tax"))
    amount_shown = columns.money("amount_total", _("amount"))
    refunded_shown = columns.money("amount_refunded", _("refunded"))
    platform_shown = columns.money("platform_fee", _("of it the platform's"))
    covered = columns.moment("covers_until", _("pays up to"))
    asked = columns.moment("created_at", _("asked for"))
    paid = columns.moment("paid_at", _("paid"))
    at = columns.venue_name()

    @admin.display(description=_("for"))
    def stay(self, row: ParkingCharge) -> str:
        about: Any = row.session or (row.change.reservation if row.change else None)
        return columns.anchor(columns.change_url(about), str(about)) if about else "–"

    def sections(self, request: HttpRequest, row: ParkingCharge) -> Iterable[Section]:
        yield parts_section(gettext("How the price came about"), row.parts, row.currency)
        yield from money_sections(self, request, row, [row])
        yield from history(self, request, row)


def parts_section(title: str, parts: Sequence[dict[str, Any]], currency: str) -> Section:
    """The parts of a price, which add up to it."""
    return Section(
        title=title,
        headers=["", gettext("amount")],
        rows=[[gettext(part["words"]), show(part["amount"], currency)] for part in parts],
        empty=gettext("It was set as a whole."),
    )


def charge_section(page: TenantModelAdmin, request: HttpRequest, charges: Sequence[ParkingCharge]) -> Section:
    """The charges of a stay or a reservation, the first one first."""
    return Section(
        title=gettext("Charges"),
        headers=[
            gettext("charge"),
            gettext("status"),
            gettext("for"),
            gettext("amount"),
            gettext("refunded"),
            gettext("pays up to"),
            gettext("paid"),
        ],
        rows=[
            [
                page.link(request, charge),
                columns.label(charge.status),
                charge.description or charge.get_kind_display(),
                show(charge.amount_total, charge.currency),
                show(charge.amount_refunded, charge.currency) if charge.amount_refunded else "–",
                columns.local_time(charge.covers_until, charge.lot.zone),
                columns.local_time(charge.paid_at, charge.lot.zone),
            ]
            for charge in charges
        ],
        empty=gettext("Nothing was asked for yet."),
    )


def money_sections(
    page: TenantModelAdmin, request: HttpRequest, owner: Any, charges: Sequence[ParkingCharge]
) -> Iterable[Section]:
    """Payments, refunds and disputes over the charges, on the page of their `owner`, for those who may see them."""
    if not charges or not page.may(request, Permission.VIEW_PAYMENTS, owner):
        return
    by_id = {charge.pk: charge for charge in charges}
    payments = list(Payment.objects.filter(payable_type=ParkingCharge.payable_type, payable_id__in=by_id))
    yield Section(
        title=gettext("Payments"),
        headers=[
            gettext("payment"),
            gettext("status"),
            gettext("charge"),
            gettext("how"),
            gettext("why it failed"),
            gettext("when"),
        ],
        rows=[
            [
                page.link(request, payment, show(payment.amount, payment.currency)),
                columns.label(payment.status),
                by_id[payment.payable_id].number,
                payment.payment_method or "–",
                payment.failure_message or "–",
                columns.local_time(payment.created_at, charges[0].lot.zone),
            ]
            for payment in payments
        ],
        empty=gettext("Nobody has tried to pay yet."),
    )
    refunds = Refund.objects.filter(payment__in=payments).select_related("payment", "requested_by")
    yield refund_section(page, request, owner, refunds)
    disputes = list(Dispute.objects.filter(payment__in=payments))
    if disputes:
        yield dispute_section(page, request, owner, disputes)
