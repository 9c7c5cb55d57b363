"""A ticket as a pass for Apple Wallet: a zip of `pass.json`, pictures, their digests, and a signature over these.

As the PassKit package format has it: `manifest.json` holds the SHA-1 of each file, `signature` is a detached PKCS #7
signature of the manifest in DER, by the certificate of the pass type, with Apple's intermediate certificate in it.
https://developer.apple.com/documentation/walletpasses/creating-the-source-for-a-pass
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from PIL import Image, ImageDraw

from events import calendars
from ticketing import codes
from ticketing.models import Ticket
from ticketing.papers.errors import NotConfigured
from ticketing.papers.holding import language_of

CONTENT_TYPE = "application/vnd.apple.pkpass"
FILE_NAME = "ticket.pkpass"
#: Pixels of the square icon on screens of each density.
_ICONS = {"icon.png": 29, "icon@2x.png": 58, "icon@3x.png": 87}
_BLUE = (37, 99, 235)
_AFTER = timedelta(hours=6)


def make(ticket: Ticket) -> bytes:
    """The pass, signed. Reads the ticket's event, venue, type and order. Raises `NotConfigured`."""
    if not settings.APPLE_WALLET_CERTIFICATE:
        raise NotConfigured
    with translation.override(language_of(ticket)):
        contents = _contents(ticket)
    files = {"pass.json": json.dumps(contents, ensure_ascii=False, sort_keys=True).encode(), **_icons()}
    digests = {name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()}
    manifest = json.dumps(digests).encode()
    files |= {"manifest.json": manifest, "signature": _sign(manifest)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _contents(ticket: Ticket) -> dict[str, Any]:
    event, venue = ticket.event, ticket.event.venue
    code = codes.sign(ticket)
    back = [
        ("number", gettext("Ticket number"), ticket.number),
        ("order", gettext("Order"), ticket.order.number),
        ("where", gettext("Where"), calendars.address(venue)),
    ]
    said: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": settings.APPLE_WALLET_PASS_TYPE,
        "teamIdentifier": settings.APPLE_WALLET_TEAM,
        "serialNumber": f"{ticket.pk}.{ticket.code_version}",
        "organizationName": venue.name,
        "description": gettext("Ticket for {event}").format(event=event.name),
        "relevantDate": event.doors_at.isoformat(),
        "expirationDate": (event.ends_at + _AFTER).isoformat(),
        "sharingProhibited": True,
        "backgroundColor": "rgb(37, 99, 235)",
        "foregroundColor": "rgb(255, 255, 255)",
        "labelColor": "rgb(219, 234, 254)",
        "barcodes": [{"format": "PKBarcodeFormatQR", "message": code, "messageEncoding": "iso-8859-1"}],
        "eventTicket": {
            "primaryFields": [{"key": "event", "label": venue.name, "value": event.name}],
            "secondaryFields": [
                {"key": "doors", "label": gettext("Doors"), **_date(event.doors_at)},
                {"key": "starts", "label": gettext("Start"), **_date(event.starts_at)},
            ],
            "auxiliaryFields": [
                {"key": key, "label": label, "value": value}
                for key, label, value in (
                    ("type", gettext("Ticket"), ticket.ticket_type.name),
                    ("seat", gettext("Seat"), ticket.seat),
                    ("name", gettext("Name"), ticket.holder_name),
                )
                if value
            ],
            "backFields": [{"key": key, "label": label, "value": value} for key, label, value in back if value],
        },
    }
    if venue.latitude is not None:
        said["locations"] = [{"latitude": venue.latitude, "longitude": venue.longitude}]
    return said


def _date(moment: Any) -> dict[str, Any]:
    """A time that the phone writes by its own clock and language."""
    return {"value": moment.isoformat(), "dateStyle": "PKDateStyleMedium", "timeStyle": "PKDateStyleShort"}


def _sign(manifest: bytes) -> bytes:
    certificate = x509.load_pem_x509_certificate(_pem(settings.APPLE_WALLET_CERTIFICATE))
    key = serialization.load_pem_private_key(_pem(settings.APPLE_WALLET_KEY), password=None)
    apple = x509.load_pem_x509_certificate(_pem(settings.APPLE_WALLET_INTERMEDIATE))
    builder = pkcs7.PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(certificate, key, hashes.SHA256()).add_certificate(apple)  # type: ignore[arg-type]
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def _pem(text: str) -> bytes:
    """PEM as it is, or in base 64 as one line of the environment."""
    return text.encode() if text.lstrip().startswith("-----") else base64.b64decode(text)


@lru_cache(maxsize=1)
def _icons() -> dict[str, bytes]:
    """A ticket on blue ground."""
    return {name: _icon(size) for name, size in _ICONS.items()}


def _icon(size: int) -> bytes:
    picture = Image.new("RGB", (size, size), _BLUE)
    draw = ImageDraw.Draw(picture)
    left, top, right, bottom = (round(size * part) for part in (0.14, 0.3, 0.86, 0.7))
    draw.rounded_rectangle((left, top, right, bottom), radius=round(size * 0.07), fill="white")
    notch = round(size * 0.08)
    for x in (left, right):
        draw.ellipse((x - notch, size / 2 - notch, x + notch, size / 2 + notch), fill=_BLUE)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
