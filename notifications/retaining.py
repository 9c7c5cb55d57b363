"""What notifications keep of people, and for how long."""

from __future__ import annotations

from notifications import pruning
from notifications.models import Device, InboundMessage, Notification, WebhookMessage
from notifications.push import devices
from notifications.sms import personal as sms
from notifications.webhooks import sweeping
from trufan.lib import retention
from trufan.lib.retention import Kind, Staying
from trufan.lib.words import lazy as _


def connect() -> None:
    """Called when the app is ready."""
    for kind in _kinds():
        retention.declare(kind)
    retention.stays(
        Staying(
            "notifications.refusals",
            _("Addresses and numbers that are not to be written to"),
            _("Without them a no would be forgotten. Staff lift one when its owner asks."),
            ("notifications.Suppression.address",),
        )
    )
    retention.stays(
        Staying(
            "notifications.consents",
            _("What people agreed to hear: when, from which address, in which words"),
            _("The law asks for proof of a yes. Erasing the person takes address, words and IP address off it."),
            ("notifications.Consent.address", "notifications.Consent.ip_address"),
        )
    )
    retention.stays(
        Staying(
            "notifications.own_numbers",
            _("The numbers and endpoints that venues set up"),
            _("They are the venue's own."),
            ("notifications.SmsNumber.number",),
        )
    )


def _kinds() -> list[Kind]:
    return [
        Kind(
            "notifications.old",
            _("Messages that were sent, with address and papers"),
            _("What was said to whom, for questions about an order."),
            pruning.sweep_old,
            retention.oldest_of(Notification.objects.all, "created_at"),
            setting="NOTIFICATION_DAYS",
            fields=("notifications.Notification.recipient", "notifications.Notification.phone"),
        ),
        Kind(
            "notifications.inbound",
            _("What people wrote to our numbers, and from which number; answers for a day"),
            _("A STOP, and a dispute about what was asked for, can be looked up."),
            sms.forget,
            retention.oldest_of(lambda: InboundMessage.objects.exclude(body="", sender=""), "created_at"),
            setting="INBOUND_DAYS",
            fields=("notifications.InboundMessage.sender", "notifications.InboundMessage.body"),
        ),
        Kind(
            "notifications.devices",
            _("Phones and browsers that are pushed to no more"),
            _("Who asks why nothing came can be told."),
            devices.forget,
            retention.oldest_of(lambda: Device.objects.filter(retired_at__isnull=False), "retired_at"),
            setting="DEVICE_DAYS",
            fields=("notifications.Device.token", "notifications.Device.name"),
        ),
        Kind(
            "webhooks.old",
            _("Messages to the webhook endpoints of venues"),
            _("They can be sent again to an endpoint that was down."),
            sweeping.prune,
            retention.oldest_of(WebhookMessage.objects.all, "created_at"),
            setting="WEBHOOK_DAYS",
            fields=("notifications.WebhookMessage.body",),
        ),
    ]
