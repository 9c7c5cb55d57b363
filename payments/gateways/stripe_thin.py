"""Stripe's events that only name what changed, "thin events": how it tells of accounts.

https://docs.stripe.com/event-destinations#thin-events. They come to an endpoint of their own, under its own secrets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from payments.errors import BadSignature, BadWebhook
from payments.gateways import signatures
from payments.gateways.base import IncomingEvent
from payments.gateways.stripe_client import client_for

HEADER = "Stripe-Signature"
OBJECT = "v2.core.event"
ACCOUNT = "v2.core.account"


def read(raw: bytes, headers: Mapping[str, str], now: datetime) -> IncomingEvent:
    """Check the signature on the raw bytes, and its age, against every live secret.

    Raises `BadSignature`, `BadWebhook`.
    """
    header = headers.get(HEADER, "")
    for secret in settings.STRIPE_THIN_WEBHOOK_SECRETS:
        try:
            _client().parse_event_notification(raw, header, secret, int(signatures.MAX_AGE.total_seconds()))
        except stripe.SignatureVerificationError:
            continue
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            # What Stripe's own reader cannot read, or another kind of webhook.
            raise BadWebhook("This is not a thin event of Stripe.") from None
        return parse(json.loads(raw))
    raise BadSignature


def is_thin(payload: Any) -> bool:
    return isinstance(payload, dict) and payload.get("object") == OBJECT


def parse(payload: dict[str, Any]) -> IncomingEvent:
    """The event in a payload whose signature was checked. Raises `BadWebhook`."""
    event_id, kind = payload.get("id"), payload.get("type")
    if not is_thin(payload) or not isinstance(event_id, str) or not isinstance(kind, str):
        raise BadWebhook("This is not a thin event of Stripe.")
    if len(event_id) > 120 or len(kind) > 80:
        raise BadWebhook("This is not a thin event of Stripe.")
    about = payload.get("related_object") or {}
    if not isinstance(about, dict) or about.get("type") != ACCOUNT:
        return IncomingEvent(event_id, kind, payload=payload)
    return IncomingEvent(event_id, kind, provider_account_id=str(about.get("id", "")), payload=payload)


def of_account(event: IncomingEvent, account_id: str) -> IncomingEvent:
    """An event that carries a whole account of the first generation: of that, only its id is kept."""
    payload = event.payload | {"data": {"object": {"id": account_id, "object": "account"}}}
    return IncomingEvent(event.id, event.type, provider_account_id=account_id, payload=payload)


def _client() -> stripe.StripeClient:
    return client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, float(settings.STRIPE_TIMEOUT_SECONDS))
