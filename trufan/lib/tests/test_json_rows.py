"""A row that is added with others is the row that saving it would make, whatever its fields are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import randint
from typing import Any

import pytest
from django.db import DataError, transaction
from django.utils.translation import gettext_lazy

from accounts.models import SignIn, User
from audit.models import AuditLog
from notifications.models import Notification
from trufan.lib import json_rows
from trufan.lib.appending import append
from trufan.lib.ids import uuid7
from trufan.testing import EventFactory, UserFactory, VenueFactory

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 7, 3, 20, 0, 0, 123456, tzinfo=UTC)
#: Quotes, a backslash, other planes, a line's end: what JSON escapes.
SAID = 'He said "a\\b", 🎫\n€ ﷽ %s'


def person(phone: str | None) -> Any:
    return User(email=f"{uuid7()}@example.com", first_name=SAID, phone=phone, last_login=WHEN)


def event() -> Any:
    return EventFactory.build(
        venue=VenueFactory(), name="Night", starts_at=WHEN, ends_at=WHEN + timedelta(hours=3), doors_at=WHEN,
        configuration={"a": [1, None, SAID], "b": {"c": True, "d": 1.5}, "n": 2**53 + 1}, published_at=None,
    )  # fmt: skip


def venue() -> Any:
    return VenueFactory.build(latitude=40.750504, longitude=-73.993439, name=gettext_lazy("Cancelled"))


def sign_in(ip: str | None) -> Any:
    return SignIn(user=UserFactory(), current_jti="a", expires_at=WHEN, last_used_at=WHEN, ip_address=ip)


def message(**more: Any) -> Any:
    plain = {"template": "order_paid", "recipient": "fay@example.com", "context": {"n": SAID}, "next_attempt_at": WHEN}
    return Notification(**{**plain, **more})


MAKE: dict[str, Callable[[], Any]] = {
    "person": lambda: person(f"+1212555{randint(1000, 9999)}"), "person without a phone": lambda: person(None),
    "event": event, "venue": venue, "message": message,
    "sign-in": lambda: sign_in("2001:db8::7"), "sign-in from nowhere": lambda: sign_in(None),
    "sign-in from an empty place": lambda: sign_in(""),
}  # fmt: skip
#: Each row's own: keys, what must be unique, and when it was written.
OWN = {"id", "email", "phone", "slug", "user_id", "venue_id", "created_at", "updated_at", "password",
       "email_verified_at", "last_name"}  # fmt: skip


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_it_is_what_saving_makes(make):
    saved, appended = make(), make()
    saved.save(force_insert=True)
    append(appended)
    one, other = (type(row).objects.get(pk=row.pk) for row in (saved, appended))
    for field in json_rows.columns(type(saved)):
        if field.attname not in OWN:
            assert getattr(one, field.attname) == getattr(other, field.attname), field.attname
    assert {type(getattr(one, name)) for name in OWN & vars(one).keys()} == {
        type(getattr(other, name)) for name in OWN & vars(other).keys()
    }


def test_a_moment_keeps_its_microseconds_and_a_phone_its_form():
    fay = person("+12125550123")
    append(fay)
    found = type(fay).objects.get(pk=fay.pk)
    assert (found.last_login, str(found.phone)) == (WHEN, "+12125550123")


def test_when_it_was_written_is_noted():
    told = message(updated_at=None)
    append(told)
    assert told.updated_at is not None
    assert Notification.objects.get(pk=told.pk).updated_at == told.updated_at


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError), transaction.atomic():
        append(AuditLog(action="thing.done", entity_type="thing", entity_id=uuid7(), new_values={"at": WHEN}))


def test_a_field_with_an_encoder_is_written_by_it():
    key = uuid7()
    told = message(context={"at": WHEN, "key": key, "said": gettext_lazy("Cancelled")})
    append(told)
    found = Notification.objects.get(pk=told.pk)
    assert found.context == {"at": "2026-07-03T20:00:00.123Z", "key": str(key), "said": "Cancelled"}


@pytest.mark.postgres
def test_what_is_too_long_is_refused_and_not_cut():
    """SQLite has no lengths."""
    with pytest.raises(DataError), transaction.atomic():
        append(Notification(template="x" * 500, recipient="fay@example.com", context={}))
