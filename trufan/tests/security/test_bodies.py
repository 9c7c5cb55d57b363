"""Bodies that would cost more than they look: compressed, nested, in another format."""

from __future__ import annotations

import gzip

import pytest

from accounts.models import User

pytestmark = pytest.mark.django_db
LOGIN, REGISTER = "/api/v1/auth/login", "/api/v1/auth/register"


def test_a_compressed_body_is_never_inflated(client) -> None:
    bomb = gzip.compress(b'{"email": "' + b"a" * 20_000_000 + b'"}', 9)
    assert len(bomb) < 100_000
    answer = client.post(LOGIN, bomb, content_type="application/json", HTTP_CONTENT_ENCODING="gzip")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("shape", ["[", '{"a":'])
def test_a_hundred_thousand_brackets_are_malformed(client, shape) -> None:
    for body in (shape * 100_000, '{"email": ' + shape * 40 + "1" + {"[": "]", '{"a":': "}"}[shape] * 40 + "}"):
        answer = client.post(LOGIN, body, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "application/yaml", "text/plain"])
def test_no_other_format_is_parsed(client, kind) -> None:
    xml = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    assert client.post(LOGIN, xml, content_type=kind).status_code == 415


def test_a_header_that_was_sent_in_never_becomes_another_header(client) -> None:
    for value in ("a\r\nSet-Cookie: evil=1", "a\nX-Evil: 1", "a%0d%0aX-Evil: 1"):
        answer = client.get("/api/v1/events", HTTP_X_CORRELATION_ID=value, HTTP_ACCEPT_LANGUAGE=value)
        assert answer.status_code == 200
        assert "X-Evil" not in answer.headers
        assert "evil" not in str(answer.headers).lower()
        assert not answer.cookies


def test_a_person_makes_themselves_nothing_by_naming_columns(client) -> None:
    columns = {
        "role": "super_admin",
        "is_superuser": True,
        "is_staff": True,
        "email_verified_at": "2026-01-01T00:00:00Z",
    }
    asked = {
        "email": "eve@example.com",
        "password": "Correct-Horse-9",
        "first_name": "Eve",
        "last_name": "Vil",
        **columns,
    }
    assert client.post(REGISTER, asked, content_type="application/json").status_code == 201
    eve = User.objects.get(email="eve@example.com")
    assert (eve.role, eve.is_superuser, eve.is_staff, eve.email_verified_at) == ("customer", False, False, None)
