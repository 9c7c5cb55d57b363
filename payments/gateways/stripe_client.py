"""Stripe's own client, set up for us, and its failures in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import stripe
import structlog

from payments.errors import GatewayRefused, GatewayUnavailable, KeySpent, NeverHeard
from trufan.lib import providers

log = structlog.get_logger("trufan.payments")

API_VERSION = "2026-10-28.endive"
#: With the client's own pauses in between, three tries of `STRIPE_TIMEOUT_SECONDS` end within `charges.IN_FLIGHT`.
RETRIES = 2
CONNECT_SECONDS = 3.0

Answer = TypeVar("Answer")


@cache
def client_for(key: str, address: str, timeout: float) -> stripe.StripeClient:
    """One client for each set of settings: it keeps its connections open, a few for each thread."""
    addresses: Any = {"api": address, "files": address, "connect": address, "meter_events": address}
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses=addresses,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=(min(CONNECT_SECONDS, timeout), timeout)),
    )


def ask(call: Callable[[], Answer]) -> Answer:
    """Make a call, with Stripe's failures in our words. A card's and a bad request's are left to the caller."""
    try:
        with providers.calling("stripe", "call", refusal=_is_refusal):
            return call()
    except (stripe.CardError, stripe.InvalidRequestError):
        raise
    except stripe.IdempotencyError as clash:
        log.error("stripe_key_used_otherwise", request=clash.request_id)
        raise KeySpent from clash
    except (stripe.AuthenticationError, stripe.PermissionError) as refusal:
        # Nothing the payer did: the same call works once somebody mends the key.
        log.error("stripe_key_refused", kind=type(refusal).__name__, request=refusal.request_id)
        raise GatewayUnavailable from refusal
    except stripe.StripeError as failure:
        log.warning("stripe_unavailable", kind=type(failure).__name__, status=failure.http_status)
        headers: Mapping[str, str] = failure.headers or {}
        replayed = {name.lower(): value for name, value in headers.items()}.get("idempotent-replayed") == "true"
        raise (KeySpent if replayed else GatewayUnavailable) from failure


def _is_refusal(problem: Exception) -> bool:
    return isinstance(problem, (stripe.CardError, stripe.InvalidRequestError))


def refused(refusal: stripe.StripeError) -> GatewayRefused:
    log.warning("stripe_refused", code=refusal.code, request=refusal.request_id)
    return GatewayRefused(refusal.user_message or GatewayRefused.message)


def not_found(problem: stripe.InvalidRequestError) -> NeverHeard | GatewayUnavailable:
    """Only a plain "no such thing" says that there is none."""
    if problem.code in ("resource_missing", "not_found"):
        return NeverHeard()
    log.error("stripe_refused_to_tell", code=problem.code, request=problem.request_id)
    return GatewayUnavailable()


def marked(found: Iterable[Any], name: str, own_id: UUID) -> Any:
    """The one whose metadata carries our id. Raises `NeverHeard`."""
    for thing in found:
        if thing.metadata and getattr(thing.metadata, name, None) == str(own_id):
            return thing
    raise NeverHeard
