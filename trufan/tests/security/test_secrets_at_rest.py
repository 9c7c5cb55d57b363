"""What has to be kept of secrets is kept so that a copy of the database does not tell them."""

from __future__ import annotations

import pytest
from django.test import override_settings

from trufan.lib.idempotency_record import IdempotencyRecord
from trufan.lib.sealing import is_current, seal, unseal

pytestmark = pytest.mark.django_db
ASKED = {"name": "Door 1", "scopes": ["scan"]}


@pytest.fixture
def ask(api, venue, olga):
    return lambda: api.as_(olga).post(f"/api/v1/venues/{venue.pk}/devices", ASKED, HTTP_IDEMPOTENCY_KEY="k-1")


def test_a_kept_answer_is_sealed_and_replayed_to_the_byte(ask):
    first = ask()
    kept = IdempotencyRecord.objects.get().response_body
    assert first.json()["key"] not in kept
    assert "Door 1" not in kept
    again = ask()
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")


def test_an_answer_from_before_they_were_sealed_is_still_replayed(ask):
    first = ask()
    kept = IdempotencyRecord.objects.get()
    IdempotencyRecord.objects.update(response_body=unseal(kept.response_body))
    assert ask().json() == first.json()


def test_with_the_key_gone_the_answer_is_lost_but_nothing_is_done_twice(ask, venue):
    assert ask().status_code == 201
    IdempotencyRecord.objects.update(response_body="gAAAA" + "A" * 95)
    again = ask()
    assert (again.status_code, again.json()["error"]["code"]) == (409, "idempotency_answer_lost")
    assert venue.devices.count() == 1


def test_what_a_former_key_sealed_opens_while_it_is_named():
    with override_settings(SECRET_KEY="the-former-one-" * 4):
        sealed = seal("a secret")
    with override_settings(SECRET_KEY_FALLBACKS=["the-former-one-" * 4]):
        assert unseal(sealed) == "a secret"
        assert not is_current(sealed)
