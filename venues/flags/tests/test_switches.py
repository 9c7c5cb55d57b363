"""Switches: who may turn them, for whom they count, that they are remembered, and what they switch."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.db import DatabaseError, transaction
from django.urls import reverse

from audit.models import AuditLog
from trufan.doctor.switches import switches
from trufan.lib import flags
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.flags import Flag, FlagSetting, SwitchedOff
from trufan.tests.console_client import as_
from venues.flags import changing

pytestmark = pytest.mark.django_db
ANYBODY = Flag("anybody", "what")
CHOSEN = Flag("chosen", "what", knows=frozenset({"user", "venue"}))


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """The flags of the code, and two of the test."""
    monkeypatch.setattr(flags, "_declared", {**flags._declared, "anybody": ANYBODY, "chosen": CHOSEN})


@pytest.fixture
def turn(ada, django_capture_on_commit_callbacks):
    def turn(flag, mode, **how):
        with django_capture_on_commit_callbacks(execute=True):
            return changing.change(flag.name, by=ada, mode=mode, **how)

    return turn


# -- For whom --


def test_a_flag_that_nobody_touched_is_as_declared():
    assert ANYBODY.is_on() and not Flag("rare", "what", default=False).is_on()


def test_on_and_off_count_for_everybody_and_default_takes_both_back(turn, fay, venue):
    turn(CHOSEN, "off")
    assert not CHOSEN.is_on(user=fay, venue_id=venue.pk)
    with pytest.raises(SwitchedOff):
        CHOSEN.require()
    turn(CHOSEN, "default")
    assert CHOSEN.is_on(user=fay, venue_id=venue.pk)


def test_off_at_one_venue_alone(turn, venue, other_venue):
    turn(CHOSEN, "except", venue_ids=[venue.pk])
    assert [CHOSEN.is_on(venue_id=each) for each in (venue.pk, other_venue.pk, None)] == [False, True, True]


def test_on_only_at_one_venue_and_for_staff(turn, venue, other_venue, fay, gus):
    turn(CHOSEN, "only", venue_ids=[venue.pk], staff=True)
    assert CHOSEN.is_on(user=fay, venue_id=venue.pk)
    assert not CHOSEN.is_on(user=fay, venue_id=other_venue.pk)
    assert CHOSEN.is_on(user=gus, venue_id=other_venue.pk)


def test_a_part_of_the_users_is_about_that_part_steady_and_grows(turn):
    people = [SimpleNamespace(pk=uuid4(), is_authenticated=True, is_staff=False) for _ in range(2_000)]

    def among(percent):
        turn(CHOSEN, "only", percent=percent)
        return {each.pk for each in people if CHOSEN.is_on(user=each)}

    ten, again, thirty = among(10), among(10), among(30)
    assert ten == again and ten < thirty
    assert 140 < len(ten) < 260 and 500 < len(thirty) < 700
    other = Flag("other", "what", knows=frozenset({"user"}))
    assert {each.pk for each in people if flags._bucket(other.name, each.pk) < 10} != ten


def test_who_is_not_signed_in_is_no_part_of_the_users(turn):
    turn(CHOSEN, "only", percent=100)
    assert not CHOSEN.is_on(user=None)


# -- Who turns them --


def test_a_change_is_in_the_trail_and_the_same_again_is_not(turn, ada):
    turn(ANYBODY, "off")
    turn(ANYBODY, "off")
    entry = AuditLog.objects.get(action="flag.changed")
    assert entry.actor == ada
    assert (entry.old_values["mode"], entry.new_values["mode"], entry.new_values["flag"]) == (
        "default",
        "off",
        "anybody",
    )


def test_only_super_admins_turn_them(olga):
    with pytest.raises(Forbidden):
        changing.change("anybody", by=olga, mode="off")


def test_what_was_not_declared_cannot_be_turned(ada):
    with pytest.raises(Missing):
        changing.change("nonsense", by=ada, mode="off")


@pytest.mark.parametrize(
    ("flag", "how", "field"),
    [
        (ANYBODY, {"mode": "only", "percent": 5}, "mode"),
        (ANYBODY, {"mode": "except"}, "mode"),
        (CHOSEN, {"mode": "except"}, "venues"),
        (CHOSEN, {"mode": "only"}, "mode"),
        (CHOSEN, {"mode": "only", "percent": 101}, "percent"),
        (CHOSEN, {"mode": "except", "venue_ids": [uuid4()]}, "venues"),
    ],
)
def test_what_makes_no_sense_is_refused(ada, flag, how, field):
    with pytest.raises(Invalid) as refusal:
        changing.change(flag.name, by=ada, **how)
    assert field in {each.field for each in refusal.value.details}


def test_a_name_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        flags.declare(ANYBODY)


# -- How they are read --


def test_reading_takes_no_query_once_the_process_or_the_cache_knows(turn, django_assert_num_queries):
    turn(ANYBODY, "off")
    with django_assert_num_queries(0):
        assert not ANYBODY.is_on()
    flags.reset()  # another process
    with django_assert_num_queries(0):
        assert not ANYBODY.is_on()


def test_without_a_cache_the_database_is_asked_now_and_then(turn, monkeypatch, django_assert_num_queries):
    turn(ANYBODY, "off")
    monkeypatch.setattr(cache, "get", lambda *key: None)
    flags.reset()
    with django_assert_num_queries(1):
        assert [ANYBODY.is_on() for _ in range(5)] == [False] * 5


def test_with_nobody_to_ask_the_declared_default_holds(turn, monkeypatch):
    turn(ANYBODY, "off")
    cache.clear()
    flags.reset()

    def gone():
        raise DatabaseError

    monkeypatch.setattr(flags, "_read", gone)
    assert ANYBODY.is_on()


def test_a_change_that_is_taken_back_is_never_known(ada, monkeypatch, django_capture_on_commit_callbacks):
    published = []
    monkeypatch.setattr(flags, "publish", lambda: published.append(1))
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
    ):
        changing.change("anybody", by=ada, mode="off")
        raise ZeroDivisionError
    assert not published
    with django_capture_on_commit_callbacks(execute=True):
        changing.change("anybody", by=ada, mode="off")
    assert published


# -- What is left over --


def test_rows_of_flags_that_are_no_more_are_told_and_forgotten(ada, turn):
    FlagSetting.objects.create(flag="gone", mode="off")
    assert "gone" in next(each for each in switches() if each.severity == "warning").message
    assert "trufan.W004" in {each.id for each in run_checks(databases=["default"], tags=["database"])}
    client = as_(ada)
    assert "gone" in client.get(reverse("console_flags")).content.decode()
    assert client.post(reverse("console_flag_forget", args=["gone"])).status_code == 302
    assert client.post(reverse("console_flag_forget", args=["anybody"])).status_code == 404
    assert not FlagSetting.objects.exists() and AuditLog.objects.filter(action="flag.forgotten").exists()


def test_the_doctor_tells_of_flags_past_their_day(monkeypatch):
    late = Flag("late", "what", until=date(2020, 1, 1))
    monkeypatch.setitem(flags._declared, "late", late)
    assert any("late" in each.message and each.severity == "warning" for each in switches())


# -- The console --


def test_a_super_admin_switches_a_venue_off_in_the_console(ada, venue, other_venue, django_capture_on_commit_callbacks):
    client, address = as_(ada), reverse("console_flag", args=["chosen"])
    assert client.get(address).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address, {"mode": "except", "venues": [str(venue.pk)]})
    assert answer.status_code == 302
    assert not CHOSEN.is_on(venue_id=venue.pk) and CHOSEN.is_on(venue_id=other_venue.pk)
    page = client.get(reverse("console_flags")).content.decode()
    assert "off only at the venues chosen: Garden Arena" in page
    assert (
        "apagado solo en los recintos elegidos"
        in client.get(reverse("console_flags"), headers={"Accept-Language": "es"}).content.decode()
    )


def test_the_rule_refuses_on_the_form(ada):
    answer = as_(ada).post(reverse("console_flag", args=["chosen"]), {"mode": "except"})
    assert answer.status_code == 200 and "Choose the venues." in answer.content.decode()
    assert not FlagSetting.objects.exists()


def test_the_form_asks_only_for_what_is_known(ada):
    fields = as_(ada).get(reverse("console_flag", args=["anybody"])).context["form"].fields
    assert set(fields) == {"mode"} and [value for value, _ in fields["mode"].choices] == ["default", "on", "off"]


@pytest.mark.parametrize("who", ["olga", "gus"])
def test_nobody_else_sees_the_pages(who, request):
    client = as_(request.getfixturevalue(who))
    assert client.get(reverse("console_flags")).status_code == 403
    assert client.post(reverse("console_flag", args=["chosen"]), {"mode": "off"}).status_code == 403
    assert client.post(reverse("console_flag_forget", args=["chosen"])).status_code == 403


def test_an_unknown_flag_has_no_page(ada):
    assert as_(ada).get(reverse("console_flag", args=["nonsense"])).status_code == 404


# -- The API --


def test_an_app_reads_what_is_there_for_its_user(api, turn, fay, venue, other_venue):
    turn(CHOSEN, "except", venue_ids=[venue.pk])
    here = api.as_(fay).get("/api/v1/flags", {"venue": str(venue.pk)}).json()["flags"]
    there = api.as_(fay).get("/api/v1/flags", {"venue": str(other_venue.pk)}).json()["flags"]
    assert (here["chosen"], there["chosen"]) == (False, True)
    assert {"drive_up_by_phone", "sign_ups", "wallet_passes", "webhooks"} < set(here)
    assert api.get("/api/v1/flags", {"venue": "nonsense"}).status_code == 422
