"""The console's page of messages: what was said to whom and whether it left. Never what a message contained."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.db import transaction

from audit.console import HistoryMixin
from audit.trail import record
from notifications import outbox, retrying
from notifications.models import Notification
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.errors import Conflict

#: What `accounts.grants.Permission` calls it; accounts stand above this app.
VIEW_ORDERS = "view_orders"


class CannotBeSaidAgain(Conflict):
    """The words need a link or a code that was erased when the message failed."""

    code, message = (
        "cannot_be_said_again",
        "This message can't be sent again: what it linked to has to be asked for anew.",
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
class NotificationAdmin(HistoryMixin, TenantModelAdmin):
    """Messages of a venue are for those who see its orders; others, such as reset links, for super admins."""

    venue_lookup = "venue_id"
    view_permission = VIEW_ORDERS

    list_display = ["template", "recipient", "state", "channel", "attempts", "at", "created"]
    list_filter = [VenueFilter, "status", "channel"]
    search_fields = ["recipient__istartswith"]
    search_help_text = "The recipient's address, from its beginning"
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": ["template", "channel", "recipient", "state", "at"]}),
        ("Delivery", {"fields": ["attempts", "created", "next_attempt", "sent", "provider_id", "error"]}),
    ]
    readonly_fields = ["state", "at", "created", "next_attempt", "sent"]
    buttons = [
        RowButton(
            name="retry",
            label="Send again",
            permission=VIEW_ORDERS,
            run=retry,
            consequence=lambda row: (
                f"The message “{row.template.replace('_', ' ')}” goes to {row.recipient} once more. "
                f"Last time it failed: {row.error or 'without a word'}."
            ),
            done="The message is on its way again.",
            available=_can_be_said_again,
            icon="forward_to_inbox",
        )
    ]

    state = columns.badge("status", "status")
    at = columns.venue_name()
    created = columns.moment("created_at", "written")
    sent = columns.moment("sent_at", "sent")

    @admin.display(description="next attempt")
    def next_attempt(self, row: Notification) -> str:
        waits = row.status in (Notification.Status.PENDING, Notification.Status.SENDING)
        return columns.local_time(row.next_attempt_at if waits else None, columns.zone_of(row))
