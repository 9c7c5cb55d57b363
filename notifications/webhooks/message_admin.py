"""The console's page of webhook messages: what was sent, how often, and what was answered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.contrib.filters.admin import DropdownFilter

from audit.console import HistoryMixin, history
from notifications.webhooks import kinds, replaying
from notifications.webhooks.admin import COLOURS, MANAGE_VENUE
from notifications.webhooks.models import WebhookMessage
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

Status = WebhookMessage.Status


class TypeFilter(DropdownFilter):
    """By type of message."""

    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(each.name, each.name) for each in [kinds.ping(), *kinds.known()]]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(type=self.value()) if self.value() else queryset


@admin.register(WebhookMessage)
class WebhookMessageAdmin(HistoryMixin, TenantModelAdmin):
    """What was sent, how often, and what was answered."""

    venue_lookup = "endpoint__venue_id"
    view_permission = MANAGE_VENUE

    list_display = ["type", "state", "to", "attempts", "created", "error", "at"]
    list_filter = [VenueFilter, "status", TypeFilter]
    list_select_related = ["endpoint"]
    search_fields = ["endpoint__url__icontains"]
    search_help_text = _("The id that the receiver has seen (msg_…), or its address")
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["type", "identifier", "to", "state", "at"]}),
        (_("Delivery"), {"fields": ["attempts", "created", "next_attempt", "delivered", "error"]}),
        (_("What is posted"), {"fields": ["body"]}),
    ]
    readonly_fields = ["identifier", "to", "state", "at", "created", "next_attempt", "delivered"]
    buttons = [
        RowButton(
            name="replay",
            label=_("Send again"),
            permission=MANAGE_VENUE,
            run=lambda row, by, now: replaying.replay(row, by=by, now=now),
            consequence=_(
                "This message is sent to {row.endpoint.url} now, under the same id. A receiver that "
                "has seen it knows it by that."
            ),
            done=_("The message is on its way again."),
            available=lambda row: row.endpoint.is_active and row.status != Status.SENDING,
            icon="replay",
        )
    ]

    state = columns.badge("status", _("state"), COLOURS)
    at = columns.venue_name()
    created = columns.moment("created_at", _("happened"))
    delivered = columns.moment("delivered_at", _("delivered"))

    @admin.display(description=_("id"))
    def identifier(self, row: WebhookMessage) -> str:
        return row.message_id

    @admin.display(description=_("to"), ordering="endpoint__url")
    def to(self, row: WebhookMessage) -> str:
        if row.endpoint.removed_at:
            return gettext("{url} (removed)").format(url=row.endpoint.url)
        return columns.anchor(columns.change_url(row.endpoint), row.endpoint.url)

    @admin.display(description=_("next attempt"))
    def next_attempt(self, row: WebhookMessage) -> str:
        waits = row.status in (Status.PENDING, Status.SENDING)
        return columns.local_time(row.next_attempt_at if waits else None, columns.zone_of(row))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("endpoint")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "endpoint" or super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        found = re.fullmatch(r"msg_([0-9a-f]{32})", search_term.strip())
        if found:
            return queryset.filter(pk=UUID(found[1])), False
        return super().get_search_results(request, queryset, search_term)

    def sections(self, request: HttpRequest, row: WebhookMessage) -> Iterable[Section]:
        zone = columns.zone_of(row)
        yield Section(
            title=gettext("Attempts"),
            headers=[
                gettext("when"),
                gettext("answer"),
                gettext("took"),
                gettext("how the answer began"),
                gettext("error"),
            ],
            rows=[
                [
                    columns.local_time(each.created_at, zone),
                    each.status_code or "–",
                    f"{each.duration_ms} ms",
                    each.answer or "–",
                    each.error or "–",
                ]
                for each in row.tries.all()
            ],
            empty=gettext("Nobody has tried yet."),
        )
        yield from history(self, request, row)
