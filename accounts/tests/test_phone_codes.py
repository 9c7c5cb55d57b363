"""Proving a phone number."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import phone_codes
from accounts.errors import InvalidCode
from accounts.models import PhoneCode, User
from accounts.tests.conftest import AUTH, code
from audit.models import AuditLog
from notifications.models import Notification
from trufan.testing import UserFactory

PHONE = "+12125550123"


def send(caller: APIClient, **body: Any) -> Any:
    return caller.post(f"{AUTH}/phone/send-code", body)


def verify(caller: APIClient, digits: str) -> Any:
    return caller.post(f"{AUTH}/phone/verify", {"code": digits})


def sent() -> str:
    return Notification.objects.filter(template="phone_code").latest("created_at").context["code"]


def wrong() -> str:
    return f"{(int(sent()) + 1) % 10**6:06}"


def test_the_code_proves_the_number(as_fay: APIClient, fay: User):
    answer = send(as_fay, phone=PHONE)
    assert (answer.status_code, answer.json()["retry_after"]) == (202, 60)
    message = Notification.objects.get()
    assert (message.channel, message.recipient) == ("sms", PHONE)
    body = verify(as_fay, sent()).json()
    assert body["phone"] == PHONE
    assert body["phone_verified_at"] is not None
    assert AuditLog.objects.filter(action="user.phone_verified", actor=fay).count() == 1


def test_only_a_keyed_hash_is_stored(as_fay: APIClient):
    send(as_fay, phone=PHONE)
    row = PhoneCode.objects.get()
    assert len(row.code_hash) == 64
    assert sent() not in row.code_hash


def test_a_code_is_good_once(as_fay: APIClient):
    send(as_fay, phone=PHONE)
    assert verify(as_fay, sent()).status_code == 200
    assert code(verify(as_fay, sent())) == (422, "invalid_code")


def test_five_wrong_tries_spend_the_code(as_fay: APIClient):
    send(as_fay, phone=PHONE)
    assert [code(verify(as_fay, wrong())) for _ in range(5)] == [(422, "invalid_code")] * 5
    assert code(verify(as_fay, sent())) == (422, "invalid_code")


def test_four_wrong_tries_do_not(as_fay: APIClient):
    send(as_fay, phone=PHONE)
    for _ in range(4):
        verify(as_fay, wrong())
    assert verify(as_fay, sent()).status_code == 200


def test_a_code_is_good_for_ten_minutes(fay: User):
    now = timezone.now()
    phone_codes.send_code(fay, PHONE, now)
    with pytest.raises(InvalidCode):
        phone_codes.verify(fay, sent(), now + timedelta(minutes=10, seconds=1))
    assert phone_codes.verify(fay, sent(), now + timedelta(minutes=9)).phone == PHONE


def test_one_code_a_minute_and_the_newest_is_the_good_one(as_fay: APIClient, fay: User):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        send(as_fay, phone=PHONE)
        first = sent()
        refused = send(as_fay, phone=PHONE)
        assert (code(refused), refused["Retry-After"]) == ((429, "code_too_soon"), "60")
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        assert send(as_fay, phone=PHONE).status_code == 202
        if first != sent():
            assert code(verify(as_fay, first)) == (422, "invalid_code")
        assert verify(as_fay, sent()).status_code == 200


def test_one_number_is_not_pestered_through_many_accounts(fay: User, gus: User, sign_in: Any, bearer: Any):
    assert send(bearer(sign_in(fay)["access_token"]), phone=PHONE).status_code == 202
    assert code(send(bearer(sign_in(gus)["access_token"]), phone=PHONE)) == (429, "code_too_soon")


def test_ten_codes_a_day(fay: User):
    start = timezone.now()
    for minute in range(10):
        phone_codes.send_code(fay, PHONE, start + timedelta(minutes=minute))
    with pytest.raises(phone_codes.CodeTooSoon) as refusal:
        phone_codes.send_code(fay, PHONE, start + timedelta(minutes=10))
    assert refusal.value.retry_after == 24 * 3600 - 600
    phone_codes.send_code(fay, PHONE, start + timedelta(days=1))


def test_sending_tells_nobody_that_another_account_has_the_number(as_fay: APIClient, gus: User):
    User.objects.filter(pk=gus.pk).update(phone=PHONE, phone_verified_at=timezone.now())
    assert send(as_fay, phone=PHONE).status_code == 202
    assert code(verify(as_fay, sent())) == (409, "phone_taken")


def test_who_holds_the_phone_takes_it_from_who_only_claimed_it(as_fay: APIClient, gus: User):
    User.objects.filter(pk=gus.pk).update(phone=PHONE)
    send(as_fay, phone=PHONE)
    assert verify(as_fay, sent()).json()["phone"] == PHONE
    gus.refresh_from_db()
    assert gus.phone is None
    assert AuditLog.objects.get(action="user.phone_released").entity_id == gus.pk


def test_another_number_than_ones_own_is_refused(as_fay: APIClient, fay: User):
    User.objects.filter(pk=fay.pk).update(phone="+12125550199")
    assert code(send(as_fay, phone=PHONE)) == (422, "validation_error")
    assert send(as_fay).status_code == 202


def test_without_a_number_there_is_nothing_to_send_to(as_fay: APIClient):
    assert code(send(as_fay)) == (422, "validation_error")


def test_a_code_of_another_person_is_no_code(as_fay: APIClient, gus: User):
    phone_codes.send_code(gus, PHONE, timezone.now())
    assert code(verify(as_fay, sent())) == (422, "invalid_code")


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\n"])
def test_what_is_no_six_digits_is_422(as_fay: APIClient, digits: str):
    assert verify(as_fay, digits).status_code == 422


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_get_five(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("accounts.phone_codes.secrets.randbelow", lambda below: 42917)
    user = UserFactory()
    now = timezone.now()
    phone_codes.send_code(user, PHONE, now)
    ready = threading.Barrier(12)

    def attempt() -> None:
        ready.wait()
        with pytest.raises(InvalidCode):
            phone_codes.verify(user, "000000", now)
        connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PhoneCode.objects.get().attempts == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_send_one_code():
    user = UserFactory()
    ready = threading.Barrier(6)
    refused: list[bool] = []

    def attempt() -> None:
        ready.wait()
        try:
            phone_codes.send_code(user, PHONE, timezone.now())
        except phone_codes.CodeTooSoon:
            refused.append(True)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), PhoneCode.objects.count(), Notification.objects.count()) == (5, 1, 1)
