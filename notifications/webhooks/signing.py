"""The signature by which a receiver knows that a message is ours, as Standard Webhooks has it."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime, timedelta

import structlog
from standardwebhooks import Webhook

from notifications.webhooks.models import WebhookEndpoint
from trufan.lib import sealing

PREFIX = "whsec_"
SECRET_BYTES = 32
#: How long the former secret signs along after a rotation.
BOTH_SIGN = timedelta(hours=24)
logger = structlog.get_logger(__name__)


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base 64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def reseal(endpoint: WebhookEndpoint) -> None:
    """Seal its secret with the present SECRET_KEY, so that it outlives the former one.

    The caller holds the endpoint.
    """
    if sealing.is_current(endpoint.secret):
        return
    try:
        endpoint.secret = sealing.seal(sealing.unseal(endpoint.secret))
    except sealing.Unreadable:
        logger.warning("webhook.secret_unreadable", endpoint=str(endpoint.pk))
    else:
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret=endpoint.secret)


def headers(endpoint: WebhookEndpoint, message_id: str, body: str, at: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks for a post at that moment; signed twice for a day after a rotation.

    Raises `sealing.Unreadable` where the endpoint's own secret can't be read any more.
    """
    keys = [sealing.unseal(endpoint.secret)]
    if endpoint.former_signs(at):
        try:
            keys.append(sealing.unseal(endpoint.former_secret))
        except sealing.Unreadable:
            # The new one is enough; a receiver that still has the old one hears of the rotation by this.
            logger.warning("webhook.former_secret_unreadable", endpoint=str(endpoint.pk))
    at = at.astimezone(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(message_id, at, body) for key in keys),
    }
