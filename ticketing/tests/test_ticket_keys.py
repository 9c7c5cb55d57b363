"""What a scanner is given to verify codes without a network."""

from __future__ import annotations

import base64
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ticketing import codes


def test_anyone_verifies_a_ticket_with_the_published_key(api, ticket, venue):
    (key,) = api.get(f"/api/v1/venues/{venue.pk}/ticket-keys").json()
    assert key["algorithm"] == "Ed25519"
    raw = base64.b32decode(codes.sign(ticket).removeprefix("TF1:") + "====")
    assert raw[:4].hex() == key["key_id"]
    public = base64.urlsafe_b64decode(key["public_key"] + "=")
    Ed25519PublicKey.from_public_bytes(public).verify(raw[38:], b"TF1:" + raw[:38])


def test_every_key_that_verifies_is_listed_the_signing_one_first(api, venue, settings):
    before = api.get(f"/api/v1/venues/{venue.pk}/ticket-keys").json()
    settings.TICKET_SIGNING_KEYS = [
        "new:" + base64.b64encode(b"n" * 32).decode(),
        *settings.TICKET_SIGNING_KEYS,
    ]
    after = api.get(f"/api/v1/venues/{venue.pk}/ticket-keys").json()
    assert len(after) == 2
    assert after[1:] == before


def test_a_closed_venue_shows_its_keys_to_its_staff_alone(api, venue, other_venue, gus, stan):
    url = f"/api/v1/venues/{venue.pk}/ticket-keys"
    type(venue).objects.filter(pk=venue.pk).update(is_active=False)
    assert [api.as_(user).get(url).status_code for user in (None, stan, gus)] == [404, 404, 200]
    assert api.get(f"/api/v1/venues/{uuid4()}/ticket-keys").status_code == 404
