"""The console's page of messages: what was said to whom and whether it left. Never what a message contained."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext

from audit.console import HistoryMixin
from audit.trail import record
from notifications import outbox, retrying
from notifications.broadcasts.admin import BroadcastAdmin as BroadcastAdmin
from notifications.models import Notification
from notifications.preferences.admin import ConsentAdmin as ConsentAdmin
from notifications.push.admin import DeviceAdmin as DeviceAdmin
from notifications.refusals.admin import SuppressionAdmin as SuppressionAdmin
from notifications.sms.admin import InboundMessageAdmin as InboundMessageAdmin
from notifications.wording.admin import MessageTemplateAdmin as MessageTemplateAdmin
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _

#: What `accounts.grants.Permission` calls it; accounts stand above this app.
VIEW_ORDERS = "view_orders"


class CannotBeSaidAgain(Conflict):
    """The words need a link or a code that was erased when the message failed."""

    code, message = (
        "cannot_be_said_again",
        _("This message can't be sent again: what it linked to has to be asked for anew."),
    )


def retry(row: Notification, by: Any, now: datetime) -> None:
    """Try a failed message again, from its first attempt. Raises `CannotBeSaidAgain`."""
    with transaction.atomic():
        if not retrying.retry(now, [row.pk]):
            raise CannotBeSaidAgain
        record("notification.retried", row, actor=by)
        transaction.on_commit(partial(outbox.nudge, row.pk))


def _can_be_said_again(row: Notification) -> bool:
    return row.status == Notification.Status.FAILED and Notification.ERASED not in row.context


@admin.register(Notification)
class NotificationAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """Messages of a venue are for those who see its orders; others, such as reset links, for super admins."""

    venue_lookup = "venue_id"
    view_permission = VIEW_ORDERS

    list_display = ["template", "recipient", "state", "channel", "attempts", "at", "created"]
    list_filter = [VenueFilter, "status", "channel"]
    search_fields = ["recipient"]
    search_help_text = _("The recipient's address, from its beginning")
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["template", "channel", "recipient", "state", "at"]}),
        (
            _("Delivery"),
            {
                "fields": [
                    "attempts",
                    "created",
                    "next_attempt",
                    "sent",
                    "delivered",
                    "segments",
                    "provider_id",
                    "provider_status",
                    "error",
                ]
            },
        ),
    ]
    readonly_fields = ["state", "at", "created", "next_attempt", "sent", "delivered"]
    buttons = [
        RowButton(
            name="retry",
            label=_("Send again"),
            permission=VIEW_ORDERS,
            run=retry,
            consequence=lambda row: gettext(
                "The message “{replace}” goes to {recipient} once more. Last time it failed: {error}."
            ).format(
                replace=row.template.replace("_", " "),
                recipient=row.recipient or "its person",
                error=row.error or "without a word",
            ),
            done=_("The message is on its way again."),
            available=_can_be_said_again,
            icon="forward_to_inbox",
        )
    ]

    state = columns.badge("status", _("status"))
    at = columns.venue_name()
    created = columns.moment("created_at", _("written"))
    sent = columns.moment("sent_at", _("sent"))
    delivered = columns.moment("delivered_at", _("arrived"))

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        return [Q(recipient__startswith=typed.lower())]

    @admin.display(description=_("next attempt"))
    def next_attempt(self, row: Notification) -> str:
        waits = row.status in (Notification.Status.PENDING, Notification.Status.SENDING)
        return columns.local_time(row.next_attempt_at if waits else None, columns.zone_of(row))


# Django finds an app's pages here; those of the outbound webhooks stand in a room of their own.
from notifications.webhooks.admin import WebhookEndpointAdmin  # noqa: E402
from notifications.webhooks.message_admin import WebhookMessageAdmin  # noqa: E402

__all__ = ["NotificationAdmin", "WebhookEndpointAdmin", "WebhookMessageAdmin"]
