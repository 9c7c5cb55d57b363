"""One-time codes by the clock (RFC 6238): six digits, a new one every 30 seconds."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.crypto import constant_time_compare
from django_otp.oath import hotp

ISSUER = "TruFan"
DIGITS = 6
PERIOD = 30
#: A phone's clock may be one step behind or ahead of ours.
DRIFT = 1


def new_secret() -> str:
    """160 random bits in base 32, as authenticators take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // PERIOD


def code_of(secret: str, step: int) -> str:
    """What an authenticator with this secret shows during `step`."""
    return f"{hotp(base64.b32decode(secret), step, digits=DIGITS):0{DIGITS}}"


def matching_step(secret: str, typed: str, now: datetime) -> int | None:
    """The newest step near `now` whose code was typed; every one is compared, so that time tells nothing."""
    present = step_at(now)
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if constant_time_compare(code_of(secret, step), typed):
            found = step
    return found


def address(secret: str, user: Any) -> str:
    """The `otpauth:` address that an authenticator reads from a QR code."""
    label = quote(f"{ISSUER}:{user.email}", safe="")
    facts = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": PERIOD}, quote_via=quote)
    return f"otpauth://totp/{label}?{facts}"


def in_groups(secret: str) -> str:
    """The secret as one types it: groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
