"""What stands outside: our own address as fans reach it, and the providers of money, mail and short messages.

Each is asked one harmless question, and only where it is configured.
"""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from django.core import mail
from django.utils import timezone

from notifications.errors import ChannelError
from notifications.sms import twilio
from payments.errors import GatewayUnavailable
from payments.gateways import stripe_client
from trufan.doctor.findings import Finding, error, note, ok, warning

PATIENCE = 10
#: Before a certificate ends it should have been renewed, and must be.
RENEW, URGENT = timedelta(days=21), timedelta(days=5)


def address() -> Iterator[Finding]:
    """`PUBLIC_URL` as a fan's phone sees it: name, certificate, proxy, and the API behind it."""
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme != "https":
        yield note("PUBLIC_URL is not https: for a laptop.")
        return
    caller = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=PATIENCE, context=ssl.create_default_context()
    )
    try:
        caller.request("GET", f"{parts.path}/health/ready", headers={"User-Agent": "trufan-doctor"})
        certificate = caller.sock.getpeercert() if isinstance(caller.sock, ssl.SSLSocket) else None
        answer = caller.getresponse()
        body = answer.read(100_000)
    except ssl.SSLCertVerificationError as problem:
        yield error(f"The certificate of PUBLIC_URL is not accepted: {problem.verify_message}.", "Renew or replace it.")
        return
    except (OSError, http.client.HTTPException) as problem:
        yield error(
            f"PUBLIC_URL does not answer ({type(problem).__name__}).", "Check its DNS entry, the proxy and firewalls."
        )
        return
    finally:
        caller.close()
    yield _readiness(answer.status, body)
    if certificate:
        yield certificate_ends(str(certificate["notAfter"]), timezone.now())


def _readiness(status: int, body: bytes) -> Finding:
    if status == http.client.OK:
        return ok("PUBLIC_URL answers, and the API behind it is ready.")
    if status == http.client.SERVICE_UNAVAILABLE:
        return error(f"The API behind PUBLIC_URL is not ready: {_failed(body)}.", "Its log says why.")
    return error(
        f"PUBLIC_URL answers {status} at /health/ready.",
        "400: its host is not in ALLOWED_HOSTS. 502, 504: the proxy does not reach the API. Others: see its log.",
    )


def _failed(body: bytes) -> str:
    try:
        states = json.loads(body)["checks"]
        return ", ".join(name for name, state in states.items() if state != "ok") or "it does not say why"
    except (ValueError, KeyError, TypeError, AttributeError):
        return "the answer is not the API's, so it comes from the proxy"


def certificate_ends(not_after: str, now: datetime) -> Finding:
    """`not_after` as OpenSSL writes it: `Jun  1 12:00:00 2027 GMT`."""
    left = datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC) - now
    said = f"The certificate of PUBLIC_URL ends in {left.days} days."
    if left <= URGENT:
        return error(said, "Renew it now.")
    return warning(said, "Find out why it was not renewed.") if left <= RENEW else ok(said)


def payment_gateway() -> Iterator[Finding]:
    if settings.PAYMENT_GATEWAY != "stripe":
        yield note(f"Payments go to the {settings.PAYMENT_GATEWAY}: it takes no money.")
        return
    client = stripe_client.client_for(
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_TIMEOUT_SECONDS
    )
    try:
        stripe_client.ask(lambda: client.v1.payment_intents.list({"limit": 1}))
    except GatewayUnavailable as problem:
        cause = type(problem.__cause__).__name__ if problem.__cause__ else type(problem).__name__
        yield error(
            f"Stripe does not serve us ({cause}).",
            "AuthenticationError, PermissionError: the key. Else the network, or status.stripe.com.",
        )
    except stripe.InvalidRequestError as problem:
        yield error(f"Stripe refuses our question ({problem.code}).", "Check STRIPE_SECRET_KEY and the account.")
    else:
        yield ok("Stripe answers to our key.")


def short_messages() -> Iterator[Finding]:
    if not settings.TWILIO_ACCOUNT_SID:
        yield note("Twilio is not configured: no short messages.")
        return
    try:
        status = twilio.account_status()
    except ChannelError as problem:
        yield error(f"Twilio does not serve us: {problem}", "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.")
        return
    if status == "active":
        yield ok("Twilio answers to our token.")
    else:
        yield error(f"The account at Twilio is {status}.", "Its console says why.")


def mail_server() -> Iterator[Finding]:
    """A mail server is connected to and signed in at; a provider can't be asked without sending something."""
    if settings.EMAIL_PROVIDER:
        yield note(f"Mail goes through {settings.EMAIL_PROVIDER}, which can't be asked without sending a mail.")
        return
    if settings.EMAIL_BACKEND.split(".")[-2] != "smtp":
        yield note("Mail is not sent.")
        return
    connection = mail.get_connection(timeout=PATIENCE)
    try:
        connection.open()
    except (smtplib.SMTPException, socket.gaierror, OSError) as problem:
        yield error(
            f"The mail server does not take us ({type(problem).__name__}).",
            "Check EMAIL_URL: host, port, TLS, user and password.",
        )
    else:
        yield ok("The mail server lets us in.")
    finally:
        connection.close()
