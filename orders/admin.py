"""The console's page of orders: one page tells an order's whole story, with the buttons that refund or end it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders import cancellation, console_parts, finding, forgetting, refund_forms, refunding
from orders.aftersale.admin import after_sale_sections
from orders.calloffs.admin import CallOffAdmin as CallOffAdmin
from orders.kitchen import admin as kitchen_admin
from orders.menu.admin import DaypartAdmin as DaypartAdmin
from orders.menu.admin import OutletAdmin as OutletAdmin
from orders.menu.product_admin import ProductAdmin as ProductAdmin
from orders.models import Order, OrderItem
from orders.moves.admin import EventMoveAdmin as EventMoveAdmin
from orders.promos.admin import PromoCodeAdmin as PromoCodeAdmin
from orders.receipts.console import receipt_section
from orders.refund_plan import money_left
from orders.timeline_section import timeline_section
from payments.admin import refund_section
from payments.dispute_admin import dispute_section
from payments.models import Dispute, Payment, Refund
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import ReasonForm
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


def _what_a_refund_does(order: Order) -> str:
    if order.is_free:
        return gettext("Nothing was paid for this order. Its tickets become void at once and go back on sale.")
    left = show(money_left(order), order.currency)
    return gettext(
        "{left} goes back to the buyer, the way it came. Once it has gone every ticket of "
        "this order is void, also one that was used, and what it held goes back on sale. "
        "This can't be undone."
    ).format(left=left)


def _has_money(order: Order) -> bool:
    kept = order.amount_paid > order.amount_refunded + order.amount_disputed
    return kept and order.status in (Order.Status.PAID, Order.Status.REFUNDED)


@admin.register(Order)
class OrderAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """Orders are made by buyers; staff read, refund and cancel them."""

    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["number", "state", "channel_label", "total_shown", "buyer", "contact_email", "venue", "placed"]
    list_filter = [VenueFilter, "status", "channel"]
    search_fields = ["number", "contact_email", "contact_phone", "contact_name"]
    search_help_text = _(
        "Order number or e-mail address from its beginning, phone, or a buyer’s name of the last 60 days"
    )
    list_select_related = ["venue"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "state"),
                    ("buyer", "account"),
                    ("contact_email", "contact_phone"),
                    ("venue", "channel_label"),
                ]
            },
        ),
        (_("When"), {"fields": [("placed", "paid"), "held_until"]}),
    ]
    readonly_fields = ["state", "channel_label", "buyer", "account", "placed", "held_until", "paid"]
    own_buttons = [
        RowButton(
            name="refund",
            label=_("Refund in full"),
            permission=Permission.REFUND_ORDERS,
            run=refunding.refund_order,
            consequence=_what_a_refund_does,
            done=_("The refund of order {row} is under way."),
            available=lambda order: order.status == Order.Status.PAID,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        ),
        RowButton(
            name="refund-lines",
            label=_("Refund lines"),
            permission=Permission.REFUND_ORDERS,
            run=refunding.request,
            consequence=_("Say how many of each line go back. What that comes to is shown before anything happens."),
            done=_("The refund of order {row} is under way."),
            available=lambda order: order.status == Order.Status.PAID,
            form=refund_forms.lines_form,
            figures=refund_forms.figures,
            template="admin/orders/refund_lines.html",
            icon="playlist_remove",
            is_destructive=True,
        ),
        RowButton(
            name="refund-amount",
            label=_("Refund an amount"),
            permission=Permission.REFUND_ORDERS,
            run=refunding.request,
            consequence=_("A kindness: money goes back and the buyer keeps everything. You will be asked once more."),
            done=_("The refund of order {row} is under way."),
            available=_has_money,
            form=refund_forms.amount_form,
            figures=refund_forms.figures,
            icon="volunteer_activism",
            is_destructive=True,
        ),
        RowButton(
            name="cancel",
            label=_("Cancel order"),
            permission=Permission.REFUND_ORDERS,
            run=cancellation.cancel,
            consequence=(
                _(
                    "Order {row} is not paid yet. It ends now and what it holds goes back on sale. "
                    "Should money still arrive for it, all of it is sent back."
                )
            ),
            done=_("Order {row} is cancelled."),
            available=lambda order: order.status == Order.Status.PENDING,
            icon="close",
            is_destructive=True,
        ),
        RowButton(
            name="erase-buyer",
            label=_("Erase this buyer"),
            permission=Permission.REFUND_ORDERS,
            run=forgetting.erase_buyer,
            consequence=_(
                "The name, e-mail address and phone on order {row} go, with what tells of the buyer on its tickets, "
                "reservations and messages. Amounts and receipts stay. Nobody can be written to about it any more. "
                "This can't be undone."
            ),
            done=_("The buyer of order {row} is forgotten."),
            available=lambda order: order.user_id is None and order.status != Order.Status.PENDING,
            icon="person_off",
            is_destructive=True,
        ),
    ]

    @property
    def buttons(self) -> list[RowButton]:  # type: ignore[override]
        return [*self.own_buttons, *console_parts.buttons]

    state = columns.badge("status", _("status"))
    channel_label = columns.badge("channel", _("sold"))
    total_shown = columns.money("amount_total", _("total"))
    placed = columns.moment("created_at", _("placed"))
    paid = columns.moment("paid_at", _("paid"))

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        return finding.ways(typed)

    @admin.display(description=_("held until"))
    def held_until(self, row: Order) -> str:
        """What was bought is not held; a free order never was."""
        was_held = row.status in (Order.Status.PENDING, Order.Status.EXPIRED, Order.Status.CANCELLED)
        return columns.local_time(row.expires_at if was_held else None, columns.zone_of(row))

    @admin.display(description=_("buyer"), ordering="contact_name")
    def buyer(self, row: Order) -> str:
        return row.contact_name or "–"

    @admin.display(description=_("account"))
    def account(self, row: Order) -> str:
        return str(row.user) if row.user else "guest"

    # -- Its story --

    def sections(self, request: HttpRequest, row: Order) -> Iterable[Section]:
        yield _lines(row)
        yield _amounts(row)
        yield timeline_section(self, request, row)
        yield receipt_section(row)
        yield from after_sale_sections(self, request, row)
        payments: Sequence[Payment] = []
        refunds: Sequence[Refund] = []
        disputes: Sequence[Dispute] = []
        if self.may(request, Permission.VIEW_PAYMENTS, row):
            payments = list(Payment.objects.of(row))
            refunds = list(Refund.objects.filter(payment__in=payments).select_related("payment", "requested_by"))
            yield self._payments(request, row, payments)
            yield refund_section(self, request, row, refunds)
            disputes = list(Dispute.objects.filter(payment__in=payments))
            if disputes:
                yield dispute_section(self, request, row, disputes)
        yield self._tickets(request, row)
        yield from kitchen_admin.of_order(self, request, row)
        yield from history(self, request, row, *payments, *refunds, *disputes)

    def _payments(self, request: HttpRequest, row: Order, payments: Sequence[Payment]) -> Section:
        return Section(
            title=gettext("Payments"),
            headers=[gettext("payment"), gettext("status"), gettext("how"), gettext("why it failed"), gettext("when")],
            rows=[
                [
                    self.link(request, payment, show(payment.amount, payment.currency)),
                    columns.label(payment.status),
                    payment.payment_method or "–",
                    payment.failure_message or "–",
                    columns.local_time(payment.created_at, row.venue.zone),
                ]
                for payment in payments
            ],
            empty=gettext("Nobody has tried to pay yet.")
            if row.amount_total
            else gettext("A free order: nothing is to be paid."),
        )

    def _tickets(self, request: HttpRequest, row: Order) -> Section:
        tickets = row.tickets.select_related("event", "ticket_type").order_by("created_at", "ordinal")
        return Section(
            title=gettext("Tickets"),
            headers=[
                gettext("ticket"),
                gettext("status"),
                gettext("event"),
                gettext("type"),
                gettext("seat"),
                gettext("used"),
            ],
            rows=[
                [
                    self.link(request, ticket),
                    columns.label("disputed" if ticket.frozen_at else ticket.status),
                    ticket.event.name,
                    ticket.ticket_type.name,
                    ticket.seat or "–",
                    columns.local_time(ticket.used_at, row.venue.zone),
                ]
                for ticket in tickets
            ],
            empty=gettext("Tickets are issued when the order is paid."),
        )


def _lines(row: Order) -> Section:
    return Section(
        title=gettext("What was bought"),
        headers=[
            gettext("how many"),
            gettext("what"),
            gettext("price"),
            gettext("discount"),
            gettext("fee"),
            gettext("service"),
            gettext("tax"),
            gettext("total"),
            gettext("taken back"),
            gettext("status"),
        ],
        rows=[
            [
                f"{line.quantity} ×",
                _what(line),
                show(line.unit_price, row.currency),
                ", ".join(f"{show(-each['amount'], row.currency)} {each['code']}" for each in line.discounts) or "–",
                show(line.fee, row.currency),
                show(line.service_charge, row.currency) if line.service_charge else "–",
                show(line.tax, row.currency),
                show(line.total, row.currency),
                line.quantity_refunded or "–",
                columns.label(line.status),
            ]
            for line in row.items.all()
        ],
    )


def _what(line: OrderItem) -> str:
    return f"{line.description} – “{line.note}”" if line.note else line.description


def _amounts(row: Order) -> Section:
    names = {
        "subtotal": gettext("Prices"),
        "discount": gettext("Discount"),
        "fees": gettext("Fees"),
        "service_charge": gettext("Service charge"),
        "tax": gettext("Tax"),
        "tip": gettext("Tip"),
        "amount_total": gettext("Total"),
        "amount_paid": gettext("Paid"),
        "amount_refunded": gettext("Refunded"),
        "amount_disputed": gettext("Disputed"),
    }
    optional = {"discount", "service_charge", "tip", "amount_refunded", "amount_disputed"}
    shown = {name: getattr(row, name) for name in names if getattr(row, name) or name not in optional}
    return Section(
        title=gettext("Amounts"),
        headers=[names[name] for name in shown],
        rows=[[show(amount, row.currency) for amount in shown.values()]],
    )
