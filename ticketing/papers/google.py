"""A ticket for Google Wallet: a link with a signed token that says class and object, so that nothing is called.

A JWT by the service account (RS256), `typ` `savetowallet`, with an event ticket's class and object in its payload.
https://developers.google.com/wallet/tickets/events/use-cases/jwt
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import jwt
from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language

from events import calendars
from ticketing import codes
from ticketing.models import Ticket
from ticketing.papers.errors import NotConfigured
from ticketing.papers.holding import language_of

SAVE_URL = "https://pay.google.com/gp/v/save/"


def link(ticket: Ticket, now: datetime) -> str:
    """Where the fan saves it. Reads the ticket's event, venue, type and order. Raises `NotConfigured`."""
    if not settings.GOOGLE_WALLET_ISSUER:
        raise NotConfigured
    account = json.loads(settings.GOOGLE_WALLET_ACCOUNT)
    with translation.override(language_of(ticket)):
        payload = {"eventTicketClasses": [_class(ticket)], "eventTicketObjects": [_object(ticket)]}
    claims = {
        "iss": account["client_email"],
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [],
        "payload": payload,
    }
    return SAVE_URL + jwt.encode(claims, account["private_key"], algorithm="RS256")


def _class(ticket: Ticket) -> dict[str, Any]:
    event, venue = ticket.event, ticket.event.venue
    return {
        "id": _id("event", event.pk),
        "issuerName": venue.name[:100],
        "reviewStatus": "UNDER_REVIEW",
        "eventId": event.pk.hex,
        "eventName": _said(event.name),
        "venue": {"name": _said(venue.name), "address": _said(calendars.address(venue) or venue.city)},
        "dateTime": {
            "doorsOpen": _by_clock(event.doors_at, ticket),
            "start": _by_clock(event.starts_at, ticket),
            "end": _by_clock(event.ends_at, ticket),
        },
    }


def _object(ticket: Ticket) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": _id("ticket", f"{ticket.pk.hex}.{ticket.code_version}"),
        "classId": _id("event", ticket.event_id),
        "state": "ACTIVE",
        "ticketNumber": ticket.number,
        "ticketType": _said(ticket.ticket_type.name),
        "reservationInfo": {"confirmationCode": ticket.order.number},
        "barcode": {"type": "QR_CODE", "value": codes.sign(ticket)},
    }
    if ticket.holder_name:
        said["ticketHolderName"] = ticket.holder_name
    if ticket.seat:
        said["seatInfo"] = {"seat": _said(ticket.seat)}
    return said


def _id(kind: str, name: Any) -> str:
    return f"{settings.GOOGLE_WALLET_ISSUER}.{kind}-{getattr(name, 'hex', name)}"


def _said(text: str) -> dict[str, Any]:
    return {"defaultValue": {"language": get_language() or "en", "value": text}}


def _by_clock(moment: datetime, ticket: Ticket) -> str:
    """By the venue's clock, with its offset."""
    return moment.astimezone(ticket.event.venue.zone).isoformat()
