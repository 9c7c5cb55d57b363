"""The console's pages of call-offs, and the button on an event's page that begins one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import console_parts
from events.models import Event
from orders.calloffs import figures, starting, working
from orders.calloffs.models import CallOff, CallOffOrder
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _
from venues.permissions import require


class CallOffForm(Answers):
    """What everybody is told, and what goes back besides the tickets."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Everybody who holds tickets reads it, and it stands on the refunds. Don't name people here."),
    )
    parking = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        label=_("Parking too"),
        help_text=_("Reservations bought with the tickets, or for the event, where nobody drove in yet."),
    )
    product = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        label=_("Food and merchandise too"),
        help_text=_("What was ordered for the event and not handed over yet."),
    )
    keep_fees = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, label=_("Keep the service fees of the tickets")
    )


def _also(parking: bool, product: bool) -> list[str]:
    return [kind for kind, goes in (("parking", parking), ("product", product)) if goes]


def _call_off(
    event: Event, *, by: Any, now: datetime, reason: str, parking: bool, product: bool, keep_fees: bool
) -> CallOff:
    """The button needs both permissions: the page asks for one."""
    require(by, Permission.REFUND_ORDERS, event.venue_id)
    return starting.call_off(event, also=_also(parking, product), keep_fees=keep_fees, reason=reason, by=by, now=now)


def _in_words(event: Event, *, now: datetime, reason: str, parking: bool, product: bool, keep_fees: bool) -> str:
    """What exactly these answers will do."""
    seen = figures.preview(event, also=_also(parking, product), keep_fees=keep_fees)
    money = seen["currency"]
    most = {"orders": seen["orders"], "amount": show(seen["amount"], money), "kept": show(seen["kept"], money)}
    lines = [
        gettext(
            "{orders} orders are gone through. At most {amount} goes back; {kept} of service fees are kept."
        ).format(**most)
        if keep_fees
        else gettext("{orders} orders are gone through. At most {amount} goes back.").format(**most)
    ]
    for kind in seen["kinds"]:
        words = (
            gettext("{pieces} × {kind} for {amount}: goes back.")
            if kind["goes_back"]
            else gettext("{pieces} × {kind} for {amount}: stays.")
        )
        lines.append(words.format(pieces=kind["pieces"], kind=kind["kind"], amount=show(kind["value"], money)))
    if seen["disputed"]:
        lines.append(
            gettext("{disputed} orders are disputed, and fail until a bank has decided.").format(
                disputed=seen["disputed"]
            )
        )
    lines.append(
        gettext("Everybody is told: “{reason}” This can't be undone.").format(reason=reason or starting.REASON)
    )
    return "\n".join(lines)


def _may_be_called_off(event: Event) -> bool:
    return event.status != Event.Status.COMPLETED and not CallOff.objects.filter(event=event).exists()


console_parts.add_button(
    RowButton(
        name="call-off",
        label=_("Cancel and refund all"),
        permission=Permission.MANAGE_EVENTS,
        run=_call_off,
        consequence=_(
            "“{row}” is called off, and every order for it is refunded, one by one. The next "
            "page says how many and how much; nothing happens before you confirm it there."
        ),
        done=_("“{row}” is called off, and its orders are being refunded. See how far that is under “Refunds”."),
        available=_may_be_called_off,
        form=CallOffForm,
        figures=_in_words,
        icon="currency_exchange",
        is_destructive=True,
    )
)


def _sections(page: Any, request: HttpRequest, event: Any) -> Iterable[Section]:
    row = CallOff.objects.filter(event=event).first()
    if row is None or not page.may(request, Permission.VIEW_ORDERS, event):
        return
    row.event = event
    yield _progress(row, link=reverse("admin:orders_calloff_change", args=[row.pk]))


def _progress(row: CallOff, link: str = "") -> Section:
    far, money = figures.progress(row), row.event.venue.currency
    return Section(
        title=gettext("Refunds"),
        headers=[
            gettext("orders"),
            gettext("to be done"),
            gettext("asked back"),
            gettext("nothing to refund"),
            gettext("failed"),
            gettext("refused by the bank"),
            gettext("amount"),
            gettext("kept"),
            gettext("arrived"),
        ],
        rows=[
            [
                far["total"],
                far["pending"],
                far["refunded"],
                far["nothing"],
                far["failed"],
                far["refused"],
                show(far["amount"], money),
                show(far["kept"], money),
                show(far["arrived"], money),
            ]
        ],
        link=link,
        link_label=gettext("Every order") if link else "",
    )


console_parts.add_sections(_sections)


@admin.register(CallOff)
class CallOffAdmin(HistoryMixin, TenantModelAdmin):
    """Begun on the event's page; here its progress, what failed, and the button that tries again."""

    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["event_link", "state", "begun", "finished", "keep_fees"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["event__name__icontains"]
    list_select_related = ["event__venue"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["event_link", "state", "reason", ("goes_with_it", "keep_fees"), ("begun", "finished")]})
    ]
    readonly_fields = ["event_link", "state", "reason", "goes_with_it", "keep_fees", "begun", "finished"]
    buttons = [
        RowButton(
            name="retry",
            label=_("Retry what failed"),
            permission=Permission.REFUND_ORDERS,
            run=working.retry,
            consequence=_(
                "Orders of which nothing could be asked back are tried again, and refunds that were "
                "refused are asked for once more. What went is left alone."
            ),
            done=_("What failed is tried again."),
            available=lambda row: row.orders.filter(status="failed").exists() or bool(working.refunds_that_failed(row)),
            form=Answers,
            icon="restart_alt",
        )
    ]

    state = columns.badge("status", _("status"))
    begun = columns.moment("created_at", _("begun"))
    finished = columns.moment("finished_at", _("finished"))

    @admin.display(description=_("event"))
    def event_link(self, row: CallOff) -> Any:
        return columns.anchor(columns.change_url(row.event), str(row.event))

    @admin.display(description=_("goes back with the tickets"))
    def goes_with_it(self, row: CallOff) -> str:
        return ", ".join(row.also) or gettext("nothing else")

    def sections(self, request: HttpRequest, row: Any) -> Iterable[Section]:
        yield _progress(row)
        failed = CallOffOrder.objects.filter(call_off=row, status="failed").select_related("order")
        shown = list(failed.order_by("order__number")[:100])
        yield Section(
            title=gettext("Failed") if len(shown) < 100 else gettext("Failed (the first 100)"),
            headers=[gettext("order"), gettext("why")],
            rows=[[self.link(request, each.order), each.error] for each in shown],
            empty=gettext("Nothing failed."),
        )
        refused = working.refunds_that_failed(row)[:100]
        if refused:
            yield Section(
                title=gettext("Refused by the provider, or come back"),
                headers=[gettext("order"), gettext("amount")],
                rows=[
                    [self.link(request, each.order), show(each.amount, row.event.venue.currency)] for each in refused
                ],
            )
        yield from history(self, request, row)
