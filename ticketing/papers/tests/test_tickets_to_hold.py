"""Tickets to hold: PDF, calendar, and passes for phones' wallets, for who holds them and nobody else."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.utils import timezone

from accounts import spoken
from orders import access
from orders.receipts.tests.reading import text_of
from ticketing import codes
from ticketing.models import Ticket
from ticketing.tests.sales import buy

KINDS = ["ticket.pdf", "calendar.ics", "apple-wallet.pkpass", "google-wallet"]


def certificate(name: str, issuer: Any = None) -> tuple[str, str, Any]:
    """`(certificate, key, both as objects)`, in PEM; signed by `issuer`, or by itself."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by, by_key = issuer or (subject, key)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .sign(by_key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    return pem, _pem_of(key), (subject, key)


def _pem_of(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def apple(settings: Any) -> str:
    """The certificate that passes are traced back to."""
    root, _, authority = certificate("Apple in these tests")
    leaf, key, _ = certificate("Pass Type ID: pass.example.trufan", authority)
    settings.APPLE_WALLET_CERTIFICATE, settings.APPLE_WALLET_KEY, settings.APPLE_WALLET_INTERMEDIATE = leaf, key, root
    settings.APPLE_WALLET_PASS_TYPE, settings.APPLE_WALLET_TEAM = "pass.example.trufan", "ABCDE12345"
    return root


@pytest.fixture
def google(settings: Any) -> Any:
    """The public key of the service account."""
    key = rsa.generate_private_key(65537, 2048)
    settings.GOOGLE_WALLET_ISSUER = "3388000000022"
    settings.GOOGLE_WALLET_ACCOUNT = json.dumps(
        {"client_email": "tickets@example.iam.gserviceaccount.com", "private_key": _pem_of(key)}
    )
    return key.public_key()


def url(ticket: Ticket, kind: str) -> str:
    return f"/api/v1/tickets/{ticket.pk}/{kind}"


@pytest.mark.parametrize("size", ["a4", "phone"])
def test_a_ticket_as_pdf_in_both_sizes(api, fay, ticket_type, size):
    ticket = buy(fay, ticket_type)[0]
    answer = api.as_(fay).get(url(ticket, "ticket.pdf"), {"size": size})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    width = {"a4": b"595.28", "phone": b"283.46"}[size]
    assert b"/MediaBox [0 0 " + width in answer.content
    assert answer.content.count(b"/Type /Page\n") == 1
    assert "no-store" in answer["Cache-Control"]


def test_an_unknown_size_is_refused(api, fay, ticket_type):
    ticket = buy(fay, ticket_type)[0]
    assert api.as_(fay).get(url(ticket, "ticket.pdf"), {"size": "a0"}).status_code == 422


def test_all_tickets_of_an_order_without_those_that_were_handed_on(api, fay, gus, ticket_type):
    tickets = buy(fay, ticket_type, 3)
    Ticket.objects.filter(pk=tickets[0].pk).update(holder=gus)
    answer = api.as_(fay).get(f"/api/v1/orders/{tickets[0].order_id}/tickets.pdf")
    assert answer.content.count(b"/Type /Page\n") == 2
    assert api.as_(gus).get(f"/api/v1/orders/{tickets[0].order_id}/tickets.pdf").status_code == 404


def test_the_calendar_has_the_event_and_the_ticket(api, fay, ticket_type):
    ticket = buy(fay, ticket_type)[0]
    answer = api.as_(fay).get(url(ticket, "calendar.ics"))
    assert answer["Content-Type"] == "text/calendar"
    assert ticket.number in answer.content.decode().replace("\r\n ", "")


def test_a_pass_for_apple_is_signed_and_shows_the_code(api, fay, ticket_type, apple, tmp_path):
    ticket = buy(fay, ticket_type)[0]
    answer = api.as_(fay).get(url(ticket, "apple-wallet.pkpass"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vnd.apple.pkpass")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    said = json.loads(files["pass.json"])
    assert said["barcodes"][0]["message"] == codes.sign(ticket)
    assert (said["passTypeIdentifier"], said["teamIdentifier"]) == ("pass.example.trufan", "ABCDE12345")
    manifest = json.loads(files["manifest.json"])
    assert manifest == {
        name: hashlib.sha1(data, usedforsecurity=False).hexdigest()
        for name, data in files.items()
        if name not in ("manifest.json", "signature")
    }
    for name, data in {
        "manifest": files["manifest.json"],
        "signature": files["signature"],
        "root": apple.encode(),
    }.items():
        (tmp_path / name).write_bytes(data)
    verified = subprocess.run(
        ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content", "manifest", "-CAfile", "root",
         "-purpose", "any"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr
    (tmp_path / "manifest").write_bytes(files["manifest.json"] + b" ")
    tampered = subprocess.run(
        ["openssl", "smime", "-verify", "-inform", "DER", "-in", "signature", "-content", "manifest", "-CAfile", "root",
         "-purpose", "any"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    assert tampered.returncode != 0


def test_the_link_for_google_is_signed_and_shows_the_code(api, fay, ticket_type, google):
    ticket = buy(fay, ticket_type)[0]
    answer = api.as_(fay).get(url(ticket, "google-wallet"))
    assert answer.status_code == 200
    link = answer.json()["url"]
    assert link.startswith("https://pay.google.com/gp/v/save/")
    said = jwt.decode(link.rsplit("/", 1)[1], google, algorithms=["RS256"], audience="google")
    assert (said["typ"], said["iss"]) == ("savetowallet", "tickets@example.iam.gserviceaccount.com")
    [shown] = said["payload"]["eventTicketObjects"]
    [kind] = said["payload"]["eventTicketClasses"]
    assert shown["barcode"] == {"type": "QR_CODE", "value": codes.sign(ticket)}
    assert shown["classId"] == kind["id"]
    assert kind["id"].startswith("3388000000022.")


def test_everything_to_hold_is_in_the_language_its_holder_chose(api, fay, ticket_type, apple):
    ticket = buy(fay, ticket_type)[0]
    spoken.choose(fay, "es", None)

    def content(kind: str) -> bytes:
        return api.as_(fay).get(url(ticket, kind), headers={"Accept-Language": "en"}).content

    page = " ".join(text_of(content("ticket.pdf")).split())
    assert "Número de entrada" in page
    assert "Ticket number" not in page
    with zipfile.ZipFile(io.BytesIO(content("apple-wallet.pkpass"))) as package:
        kept = json.loads(package.read("pass.json"))
    assert kept["description"] == f"Entrada para {ticket.event.name}"
    assert "Puertas" in content("calendar.ics").decode()


@pytest.mark.parametrize("kind", ["apple-wallet.pkpass", "google-wallet"])
def test_without_keys_it_says_so(api, fay, ticket_type, kind):
    answer = api.as_(fay).get(url(buy(fay, ticket_type)[0], kind))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "wallet_not_configured")


@pytest.mark.parametrize("kind", ["apple-wallet.pkpass", "google-wallet"])
def test_a_code_that_rotates_is_not_kept(api, fay, event, ticket_type, kind, apple, google):
    event.configuration = {"rotating_codes": True}
    event.save()
    answer = api.as_(fay).get(url(buy(fay, ticket_type)[0], kind))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "code_rotates")


@pytest.mark.parametrize("kind", KINDS)
def test_only_who_holds_it(api, fay, gus, stan, olga, ticket_type, apple, google, kind):
    ticket = buy(fay, ticket_type)[0]
    assert api.as_(fay).get(url(ticket, kind)).status_code == 200
    for stranger in (gus, stan, olga, None):
        assert api.as_(stranger).get(url(ticket, kind)).status_code == 404
    Ticket.objects.filter(pk=ticket.pk).update(holder=gus)
    assert api.as_(gus).get(url(ticket, kind)).status_code == 200
    assert api.as_(fay).get(url(ticket, kind)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_guest_with_the_access_code(api, ticket_type, apple, google, kind):
    ticket = buy(None, ticket_type)[0]
    code = {"X-Order-Access-Code": access.code_for(ticket.order)}
    assert api.as_(None).get(url(ticket, kind), headers=code).status_code == 200
    assert api.as_(None).get(url(ticket, kind)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"status": "refunded"}, "ticket_refunded"),
        ({"status": "used", "used_at": timezone.now()}, "nothing_to_hold"),
        ({"frozen_at": timezone.now()}, "nothing_to_hold"),
        ({"returning_at": timezone.now()}, "nothing_to_hold"),
    ],
    ids=["refunded", "used", "disputed", "on its way back"],
)
def test_what_admits_nobody_is_not_kept(api, fay, ticket_type, apple, google, kind, state, code):
    ticket = buy(fay, ticket_type)[0]
    Ticket.objects.filter(pk=ticket.pk).update(**state)
    answer = api.as_(fay).get(url(ticket, kind))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
