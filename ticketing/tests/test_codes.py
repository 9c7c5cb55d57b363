"""A code says who signed what, to anyone with the venue's public key, and nothing else passes."""

from __future__ import annotations

import base64
import hashlib
import random
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings as configured
from segno import make_qr

from ticketing import codes

SEEDS = [f"{name}:{base64.b64encode(bytes([number]) * 32).decode()}" for number, name in enumerate(("old", "new"), 1)]
OLD, NEW = SEEDS
VENUE = UUID("0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60")
TICKET = UUID("0199f3a2-9f10-7c52-8d8e-4f1a6b2c4d5f")
EVENT = UUID("0199f3a2-6b00-7c11-8f00-1b2c3d4e5f61")
#: What a scanner written by somebody else must agree with; docs/adr/0004-ticket-codes.md shows the same.
PUBLIC_KEY = "7c65177a6cad30db5eb5087618d6f6ee93478946b15b238d15af8efb8dc921ae"
CODE = (
    "TF1:HVZ663ABTHZ2FHYQPRJI3DSPDJVSYTK7AGM7HITLAB6BDDYADMWD2TS7MEAACZFWH2G5JXX2DGGYEFLJ"
    "J4KMYAF4H57AVME4XMCPGSGUPROGIMASDBIMOR4IYNXEOQMU3M75PV44HIHIGQJEJEMFHHKZVXAHEZWZOICQ"
)


def unsaved(venue_id=VENUE, version=1):
    event = SimpleNamespace(venue_id=venue_id)
    return SimpleNamespace(pk=TICKET, event_id=EVENT, event=event, code_version=version)


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.TICKET_SIGNING_KEYS = [OLD]


def test_the_vector_holds():
    assert codes.sign(unsaved()) == CODE
    assert codes.venue_keys(VENUE)[0].public.hex() == PUBLIC_KEY
    claim = codes.read(CODE)
    claim.verify(VENUE)
    assert (claim.ticket_id, claim.event_id, claim.version) == (TICKET, EVENT, 1)


def test_a_scanner_verifies_with_the_public_key_and_the_layout_alone():
    raw = base64.b32decode(CODE.removeprefix("TF1:") + "====")
    public = bytes.fromhex(PUBLIC_KEY)
    assert raw[:4] == hashlib.sha256(public).digest()[:4]
    assert (UUID(bytes=raw[4:20]), UUID(bytes=raw[20:36])) == (TICKET, EVENT)
    assert int.from_bytes(raw[36:38], "big") == 1
    verifier = Ed25519PublicKey.from_public_bytes(public)
    verifier.verify(raw[38:], b"TF1:" + raw[:38])
    with pytest.raises(InvalidSignature):
        verifier.verify(raw[38:], b"TF1:" + raw[:36] + b"\0\2")


def test_a_code_fits_the_alphanumeric_mode_of_a_small_symbol():
    symbol = make_qr(CODE, error="m", boost_error=False)
    assert symbol.mode == "alphanumeric"
    assert symbol.version == 7
    assert len(CODE) == codes.LENGTH == 168


@pytest.mark.parametrize("shown", [CODE.lower(), f"  {CODE}\r\n", f"\u2003{CODE.title()}\u00a0"])
def test_case_and_surrounding_space_do_not_matter(shown):
    assert codes.read(shown) == codes.read(CODE)
    assert codes.fingerprint(f" {CODE}\n") == codes.fingerprint(CODE)


def test_no_change_of_a_single_character_passes():
    rng = random.Random(7)
    for at in range(len(codes.PREFIX), len(CODE)):
        other = rng.choice([c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" if c != CODE[at]])
        with pytest.raises((codes.Forged, codes.Unreadable)):
            codes.read(CODE[:at] + other + CODE[at + 1 :]).verify(VENUE)


def test_a_key_is_rotated_without_refusing_what_is_out_there(settings):
    settings.TICKET_SIGNING_KEYS = [NEW, OLD]
    codes.read(CODE).verify(VENUE)
    fresh = codes.sign(unsaved())
    assert fresh != CODE
    codes.read(fresh).verify(VENUE)

    settings.TICKET_SIGNING_KEYS = [NEW]
    codes.read(fresh).verify(VENUE)
    with pytest.raises(codes.Forged):
        codes.read(CODE).verify(VENUE)


def test_a_venues_keys_are_its_own():
    other = uuid4()
    assert codes.venue_keys(other)[0].public != codes.venue_keys(VENUE)[0].public
    with pytest.raises(codes.Forged):
        codes.read(codes.sign(unsaved(venue_id=other))).verify(VENUE)


def test_a_right_key_id_on_anothers_signature_is_forged():
    theirs = base64.b32decode(codes.sign(unsaved(venue_id=uuid4())).removeprefix("TF1:") + "====")
    mixed = codes.venue_keys(VENUE)[0].key_id + theirs[4:]
    with pytest.raises(codes.Forged):
        codes.read("TF1:" + base64.b32encode(mixed).decode().rstrip("=")).verify(VENUE)


def test_another_version_is_another_code():
    assert codes.sign(unsaved(version=2)) != CODE
    assert codes.read(codes.sign(unsaved(version=65_535))).version == 65_535


GARBAGE = {
    "nothing": "",
    "a web address": "https://example.com/",
    "the prefix alone": "TF1:",
    "another prefix": "TF2:" + CODE[4:],
    "no prefix, right length": CODE[4:] + "AAAA",
    "one short": CODE[:-1],
    "one long": CODE + "A",
    "not base 32": CODE[:-1] + "1",
    "padding": CODE[:-4] + "====",
    "bits where none belong": CODE[:-1] + chr(ord(CODE[-1]) + 1),
    "a space inside": CODE[:80] + " " + CODE[81:],
    "a NUL": CODE[:-1] + "\0",
    "a long s, upper-cased to S": CODE[:-1] + "\u017f",
    "a sharp s, upper-cased to two": CODE[:-1] + "\u00df",
    "full-width letters": CODE.translate({c: c + 0xFEE0 for c in range(33, 127)}),
    "a lone surrogate": "\ud800" * 168,
    "a megabyte": "A" * 1_000_000,
    "a megabyte of spaces": " " * 1_000_000,
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_is_unreadable(text):
    with pytest.raises(codes.Unreadable):
        codes.read(text)
    assert len(codes.fingerprint(text)) == 64


def test_random_text_is_never_anything_but_unreadable_or_forged():
    rng = random.Random(1)
    for _ in range(500):
        text = "TF1:" + "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=164))
        with pytest.raises((codes.Unreadable, codes.Forged)):
            codes.read(text).verify(VENUE)


def test_the_decision_shows_the_same_vector():
    shown = (Path(configured.BASE_DIR) / "docs" / "adr" / "0004-ticket-codes.md").read_text()
    assert CODE in shown
    assert PUBLIC_KEY in shown
