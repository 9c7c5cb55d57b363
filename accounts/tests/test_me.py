"""What a person sees, changes, exports and erases of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import personal_data, phone_codes
from accounts.models import PhoneCode, Role, SignIn, User
from accounts.tests.conftest import AUTH, ME, code
from audit.models import AuditLog
from notifications.models import Notification
from trufan.lib.errors import Conflict
from trufan.testing import PASSWORD

PHONE = "+12125550123"


def test_names_change_without_a_password(as_fay: APIClient, fay: User):
    assert as_fay.patch(ME, {"first_name": "Faye"}).json()["first_name"] == "Faye"
    fay.refresh_from_db()
    assert (fay.first_name, fay.last_name) == ("Faye", "Fan")
    assert fay.email_verified_at is not None
    assert AuditLog.objects.get(action="user.changed").new_values == {"fields": ["first_name"]}


def test_what_does_not_differ_changes_nothing(as_fay: APIClient, fay: User):
    assert as_fay.patch(ME, {"first_name": "Fay", "email": "FAY@example.com", "phone": None}).status_code == 200
    assert not AuditLog.objects.filter(action="user.changed").exists()
    assert not Notification.objects.exists()


def test_another_address_is_unproven_and_the_old_one_is_told(as_fay: APIClient, fay: User):
    body = as_fay.patch(ME, {"email": "Faye@Example.com", "current_password": PASSWORD}).json()
    assert (body["email"], body["email_verified_at"]) == ("faye@example.com", None)
    told = {(row.template, row.recipient) for row in Notification.objects.all()}
    assert told == {("verify_email", "faye@example.com"), ("email_changed", "fay@example.com")}
    fay.refresh_from_db()
    assert (fay.email, fay.email_verified_at) == ("faye@example.com", None)


def test_another_phone_is_unproven_and_ends_codes_sent_before(as_fay: APIClient, fay: User):
    User.objects.filter(pk=fay.pk).update(phone="+12125550199")
    fay.refresh_from_db()
    phone_codes.send_code(fay, None, timezone.now())
    User.objects.filter(pk=fay.pk).update(phone_verified_at=timezone.now())
    body = as_fay.patch(ME, {"phone": PHONE, "current_password": PASSWORD}).json()
    assert (body["phone"], body["phone_verified_at"]) == (PHONE, None)
    digits = Notification.objects.get(template="phone_code").context["code"]
    assert code(as_fay.post(f"{AUTH}/phone/verify", {"code": digits})) == (422, "invalid_code")


@pytest.mark.parametrize("change", [{"email": "new@example.com"}, {"phone": PHONE}])
def test_addresses_need_the_password(as_fay: APIClient, fay: User, change: dict[str, str]):
    assert code(as_fay.patch(ME, change)) == (422, "validation_error")
    assert code(as_fay.patch(ME, {**change, "current_password": "Wrong-Horse-9"})) == (403, "wrong_password")
    fay.refresh_from_db()
    assert (fay.email, fay.phone) == ("fay@example.com", None)


def test_what_another_has_is_taken(as_fay: APIClient, gus: User):
    User.objects.filter(pk=gus.pk).update(phone=PHONE)
    assert code(as_fay.patch(ME, {"email": gus.email, "current_password": PASSWORD})) == (409, "email_taken")
    assert code(as_fay.patch(ME, {"phone": PHONE, "current_password": PASSWORD})) == (409, "phone_taken")


def test_nobody_promotes_or_verifies_themselves(as_fay: APIClient, fay: User):
    before = fay.email_verified_at
    as_fay.patch(ME, {"role": "super_admin", "is_active": False, "email_verified_at": None, "erased_at": "2026-01-01"})
    fay.refresh_from_db()
    assert (fay.role, fay.is_active, fay.email_verified_at, fay.erased_at) == (Role.CUSTOMER, True, before, None)


@pytest.fixture
def keeper() -> Iterator[dict[str, Any]]:
    """An app that stores something about people."""
    kept: dict[str, Any] = {"rows": ["a seat"], "refuses": False}

    def erase(user: User, now: datetime) -> None:
        if kept["refuses"]:
            raise Conflict("Hand over the keys first.")
        kept["rows"] = []

    personal_data.register("keeper", lambda user: kept["rows"], erase)
    yield kept
    personal_data._keepers.pop("keeper")


def test_the_export_has_everything_of_mine_and_nothing_of_others(
    as_fay: APIClient, fay: User, gus: User, sign_in: Any, keeper: Any
):
    sign_in(gus)
    phone_codes.send_code(fay, PHONE, timezone.now())
    answer = as_fay.get(f"{ME}/export")
    body = answer.json()
    assert answer["Content-Disposition"] == 'attachment; filename="trufan-export.json"'
    assert body["profile"]["email"] == fay.email
    assert [row["ip_address"] for row in body["sign_ins"]] == ["127.0.0.1"]
    assert [row["phone"] for row in body["phone_codes"]] == [PHONE]
    assert "user.signed_in" in {row["action"] for row in body["activity"]}
    assert body["keeper"] == ["a seat"]
    assert gus.email not in answer.content.decode()
    assert "password" not in body["profile"]
    assert "current_jti" not in body["sign_ins"][0]


def test_erasing_takes_the_person_and_leaves_the_row(as_fay: APIClient, fay: User, keeper: Any):
    User.objects.filter(pk=fay.pk).update(phone=PHONE)
    phone_codes.send_code(fay, None, timezone.now())
    AccessAttempt.objects.create(username=fay.email, failures_since_start=1)
    assert as_fay.delete(ME, {"password": PASSWORD}).status_code == 204
    user = User.objects.get(pk=fay.pk)
    assert user.email == f"erased-{fay.pk}@erased.invalid"
    assert (user.first_name, user.last_name, user.phone, user.is_active) == ("", "", None, False)
    assert not user.has_usable_password()
    assert user.erased_at is not None
    sign_in = SignIn.objects.get()
    assert (sign_in.revoked_because, sign_in.ip_address, sign_in.user_agent) == ("account_erased", None, "")
    assert not PhoneCode.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert keeper["rows"] == []
    assert AuditLog.objects.filter(action="user.erased", entity_id=fay.pk).count() == 1


def test_whoever_is_erased_is_out_and_the_address_is_free(as_fay: APIClient, fay: User):
    as_fay.delete(ME, {"password": PASSWORD})
    assert code(as_fay.get(ME)) == (401, "invalid_token")
    login = APIClient().post(f"{AUTH}/login", {"email": "fay@example.com", "password": PASSWORD})
    assert code(login) == (401, "invalid_credentials")
    again = {"email": "fay@example.com", "password": PASSWORD, "first_name": "Fay", "last_name": "Fan"}
    assert APIClient().post(f"{AUTH}/register", again).status_code == 201


def test_erasing_needs_the_password(as_fay: APIClient, fay: User):
    assert code(as_fay.delete(ME)) == (422, "validation_error")
    assert code(as_fay.delete(ME, {"password": "Wrong-Horse-9"})) == (403, "wrong_password")
    fay.refresh_from_db()
    assert fay.erased_at is None


def test_one_keeper_that_refuses_stops_all_of_it(as_fay: APIClient, fay: User, keeper: Any):
    keeper["refuses"] = True
    assert code(as_fay.delete(ME, {"password": PASSWORD})) == (409, "conflict")
    fay.refresh_from_db()
    assert (fay.email, fay.erased_at) == ("fay@example.com", None)
    assert as_fay.get(ME).status_code == 200


def test_the_last_super_admin_stays(ada: User, sign_in: Any, bearer: Any):
    caller = bearer(sign_in(ada)["access_token"])
    assert code(caller.delete(ME, {"password": PASSWORD})) == (409, "last_super_admin")
