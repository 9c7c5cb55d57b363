"""Who has a second factor needs it at the console's door: good once, counted, locked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SecondFactor, User
from accounts.second_factor.tests.phone import CODE, LOGIN, is_in, password, sign_in, with_phone
from audit.models import AuditLog
from notifications.models import Notification


def said(response: Any) -> str:
    return response.content.decode()


def test_the_password_alone_opens_nothing(olga: User) -> None:
    with_phone(olga)
    client = Client()
    response = password(client, olga)
    assert (response.status_code, response.headers["Location"]) == (302, CODE)
    assert "_auth_user_id" not in client.session
    assert not is_in(client)
    assert not AuditLog.objects.filter(action="user.signed_in_to_console").exists()


def test_the_code_signs_in_and_leads_to_where_one_wanted(olga: User) -> None:
    phone, _ = with_phone(olga)
    client, wanted = Client(), reverse("admin:events_event_changelist")
    password(client, olga, wanted)
    response = client.post(CODE, {"code": phone.code()})
    assert response.headers["Location"] == wanted
    assert is_in(client)
    assert AuditLog.objects.get(action="user.signed_in_to_console").actor == olga


def test_nobody_is_led_out_of_the_house(olga: User) -> None:
    phone, _ = with_phone(olga)
    client = Client()
    password(client, olga, "https://elsewhere.example/")
    assert client.post(CODE, {"code": phone.code()}).headers["Location"] == reverse("admin:index")


def test_a_code_is_typed_with_a_gap_too(olga: User) -> None:
    phone, _ = with_phone(olga)
    code = phone.code()
    assert is_in(sign_in(olga, f" {code[:3]} {code[3:]} "))


def test_a_code_is_good_once(olga: User) -> None:
    phone, _ = with_phone(olga)
    code = phone.code()
    assert is_in(sign_in(olga, code))
    assert not is_in(sign_in(olga, code))


def test_an_older_code_is_not_good_after_a_newer_one(olga: User) -> None:
    phone, _ = with_phone(olga)
    assert is_in(sign_in(olga, phone.code()))
    assert not is_in(sign_in(olga, phone.code(steps=-1)))


def test_who_stays_outside_reads_why(olga: User) -> None:
    phone, _ = with_phone(olga)
    client = Client()
    password(client, olga)
    response = client.post(CODE, {"code": phone.wrong()})
    assert response.status_code == 200
    assert "This code is wrong" in said(response)


def test_guessing_stops_and_the_right_code_waits_too(olga: User) -> None:
    phone, codes = with_phone(olga)
    Notification.objects.all().delete()
    client = Client()
    password(client, olga)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = client.post(CODE, {"code": phone.wrong()})
    assert "locked for 15 minutes" in said(response)
    assert "locked for" in said(client.post(CODE, {"code": phone.code()}))
    assert "locked for" in said(client.post(CODE, {"code": codes[0]}))
    # From another address, in another browser, after the password once more: the same.
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert not is_in(sign_in(olga, phone.code(), elsewhere))
    assert Notification.objects.get(template="second_factor_changed").context["what"] == "locked"
    assert AuditLog.objects.filter(action="user.second_factor_locked", entity_id=olga.pk).count() == 1


def test_each_lock_is_twice_as_long_until_a_code_is_right(olga: User) -> None:
    phone, _ = with_phone(olga)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for minutes in (15, 30, 60):
            client = Client()
            password(client, olga)
            for _ in range(settings.AXES_FAILURE_LIMIT):
                client.post(CODE, {"code": phone.wrong()})
            factor = SecondFactor.objects.get(user=olga)
            assert factor.locked_until == timezone.now() + timedelta(minutes=minutes)
            clock.shift(timedelta(minutes=minutes))
        assert is_in(sign_in(olga, phone.code()))
        factor.refresh_from_db()
        assert (factor.failures, factor.locks, factor.locked_until) == (0, 0, None)


def test_a_recovery_code_is_good_once_and_told(olga: User) -> None:
    _, codes = with_phone(olga)
    Notification.objects.all().delete()
    assert is_in(sign_in(olga, codes[3].lower()))
    assert Notification.objects.get(template="second_factor_changed").context["left"] == 9
    assert not is_in(sign_in(olga, codes[3]))
    assert is_in(sign_in(olga, codes[4].replace("-", " ").replace("0", "O").replace("1", "l")))


def test_somebody_elses_codes_are_not_good(olga: User, stan: User) -> None:
    _, codes = with_phone(olga)
    phone, _ = with_phone(stan)
    assert not is_in(sign_in(olga, phone.code()))
    assert not is_in(sign_in(stan, codes[0]))


def test_the_second_page_is_nobodys_without_the_first(olga: User) -> None:
    phone, _ = with_phone(olga)
    assert Client().post(CODE, {"code": phone.code()}).headers["Location"] == LOGIN


def test_the_second_page_waits_five_minutes(olga: User) -> None:
    phone, _ = with_phone(olga)
    client = Client()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        password(client, olga)
        clock.shift(timedelta(minutes=5, seconds=1))
        assert client.post(CODE, {"code": phone.code()}).headers["Location"] == LOGIN


def test_a_password_that_was_changed_meanwhile_ends_the_second_page(olga: User) -> None:
    phone, _ = with_phone(olga)
    client = Client()
    password(client, olga)
    olga.set_password("Battery-Staple-7")
    olga.save()
    assert client.post(CODE, {"code": phone.code()}).headers["Location"] == LOGIN


@pytest.mark.parametrize("has_factor", [True, False])
def test_a_wrong_password_says_nothing_of_the_second_factor(olga: User, has_factor: bool) -> None:
    if has_factor:
        with_phone(olga)
    response = Client().post(LOGIN, {"username": olga.email, "password": "Wrong-1", "next": "/admin/"})
    assert response.status_code == 200
    assert "not right" in said(response)


def test_the_secret_and_the_codes_are_stored_unreadable(olga: User) -> None:
    phone, codes = with_phone(olga)
    stored = str(SecondFactor.objects.values().get()) + str(list(olga.recovery_codes.values()))
    assert phone.secret not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_a_rotated_secret_key_reads_what_the_former_one_sealed(olga: User, settings: Any) -> None:
    phone, codes = with_phone(olga)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-fifty-characters-and-more-for-this-test"
    assert is_in(sign_in(olga, phone.code()))
    assert is_in(sign_in(olga, codes[0]))
