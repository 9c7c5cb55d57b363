"""`/users/me/notifications`: what a person wants to hear, and the record of every choice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications import kinds
from notifications.models import Consent, MessageSettings, Preference, Suppression
from notifications.refusals import suppressing

URL = "/api/v1/users/me/notifications"


def wish(body, kind, channel):
    """(wanted, locked) of one choice in the answer."""
    channels = next(one["channels"] for one in body["kinds"] if one["kind"] == kind)
    return next((one["wanted"], one["locked"]) for one in channels if one["channel"] == channel)


def choose(caller, kind, channel, wanted, **more):
    return caller.patch(URL, {"choices": [{"kind": kind, "channel": channel, "wanted": wanted}], **more})


def refused(answer):
    error = answer.json()["error"]
    return answer.status_code, error["code"], [detail["field"] for detail in error["details"]]


@pytest.fixture
def proven(fay):
    fay.phone, fay.phone_verified_at = "+12125550123", timezone.now()
    fay.save()
    return fay


def test_who_said_nothing_gets_the_defaults(api, fay):
    body = api.as_(fay).get(URL).json()

    assert (body["quiet_hours"], body["time_zone"], body["language"]) == (None, "", "")
    assert wish(body, "money", "email") == (True, True)
    assert wish(body, "food", "email") == (True, False)
    assert wish(body, "food", "sms") == (False, False)
    assert not MessageSettings.objects.exists()


def test_only_staff_choose_by_the_kinds_for_staff(api, fay, olga):
    names = [kind["kind"] for kind in api.as_(fay).get(URL).json()["kinds"]]
    assert names == [kind.name for kind in kinds.KINDS.values() if not kind.for_staff]
    assert "staff" in [kind["kind"] for kind in api.as_(olga).get(URL).json()["kinds"]]
    assert refused(choose(api.as_(fay), "staff", "push", False)) == (422, "validation_error", ["choices[0].kind"])
    assert choose(api.as_(olga), "staff", "push", False).status_code == 200


def test_a_choice_holds_and_is_kept_as_a_consent_once(api, fay):
    caller = api.as_(fay)
    for _ in range(2):
        answer = caller.patch(
            URL, {"choices": [{"kind": "food", "channel": "email", "wanted": False}]}, REMOTE_ADDR="203.0.113.7"
        )
        assert answer.status_code == 200
        assert wish(answer.json(), "food", "email") == (False, False)

    consent = Consent.objects.get()
    assert (consent.user, consent.kind, consent.channel, consent.wanted) == (fay, "food", "email", False)
    assert (consent.source, consent.ip_address) == ("app", "203.0.113.7")
    assert AuditLog.objects.filter(action="messages.chosen", actor=fay).count() == 1

    assert wish(choose(caller, "food", "email", True).json(), "food", "email") == (True, False)
    assert Preference.objects.get().wanted
    assert Consent.objects.count() == 2


def test_what_concerns_money_can_not_be_switched_off(api, fay):
    caller = api.as_(fay)
    assert refused(choose(caller, "money", "email", False)) == (409, "always_sent", ["choices[0]"])
    assert choose(caller, "money", "email", True).status_code == 200
    assert choose(caller, "money", "push", False).status_code == 200


def test_short_messages_need_a_proven_number(api, fay, proven):
    fay.phone_verified_at = None
    assert refused(choose(api.as_(fay), "food", "sms", True)) == (409, "phone_not_verified", ["choices[0]"])
    assert choose(api.as_(fay), "food", "sms", False).status_code == 200
    fay.phone_verified_at = timezone.now()
    assert wish(choose(api.as_(fay), "food", "sms", True).json(), "food", "sms") == (True, False)


def test_a_refused_choice_leaves_the_others_unmade(api, fay):
    answer = api.as_(fay).patch(
        URL,
        {
            "language": "es",
            "choices": [
                {"kind": "food", "channel": "email", "wanted": False},
                {"kind": "money", "channel": "email", "wanted": False},
            ],
        },
    )
    assert refused(answer) == (409, "always_sent", ["choices[1]"])
    assert not (Preference.objects.exists() or Consent.objects.exists() or MessageSettings.objects.exists())


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "America"}, "time_zone"),
        ({"language": "tlh"}, "language"),
        ({"quiet_hours": {"from": "22:00"}}, "quiet_hours.until"),
        ({"quiet_hours": {"from": "25:00", "until": "08:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"from": "22:00", "until": "08:00"}}, "time_zone"),
        ({"quiet_hours": {"from": "22:00", "until": "22:00"}, "time_zone": "UTC"}, "quiet_hours.until"),
        ({"choices": [{"kind": "gossip", "channel": "email", "wanted": True}]}, "choices[0].kind"),
        ({"choices": [{"kind": "food", "channel": "pigeon", "wanted": True}]}, "choices[0].channel"),
        ({"choices": [{"kind": "food", "channel": "any", "wanted": True}]}, "choices[0].channel"),
        ({"choices": [{"kind": "food", "channel": "email"}]}, "choices[0].wanted"),
    ],
)
def test_what_can_not_be_is_refused_by_name(api, fay, sent, field):
    assert refused(api.as_(fay).patch(URL, sent)) == (422, "validation_error", [field])
    assert not MessageSettings.objects.exists()


def test_quiet_hours_language_and_zone(api, fay):
    caller = api.as_(fay)
    hours = {"from": "22:00", "until": "08:00"}
    body = caller.patch(URL, {"quiet_hours": hours, "time_zone": "America/New_York", "language": "es"}).json()
    assert (body["quiet_hours"], body["time_zone"], body["language"]) == (hours, "America/New_York", "es")
    body = caller.patch(URL, {"quiet_hours": None}).json()
    assert (body["quiet_hours"], body["time_zone"], body["language"]) == (None, "America/New_York", "es")


def test_midnight_is_a_time_like_any_other(api, fay):
    hours = {"from": "00:00", "until": "08:00"}
    body = api.as_(fay).patch(URL, {"quiet_hours": hours, "time_zone": "UTC"}).json()
    assert body["quiet_hours"] == hours


def test_who_unsubscribed_as_a_guest_sees_it_and_comes_back(api, fay):
    suppressing.suppress("email", fay.email.upper(), "unsubscribed", kind="food")
    suppressing.suppress("email", fay.email, "complained")
    assert wish(api.as_(fay).get(URL).json(), "food", "email") == (False, False)
    assert wish(choose(api.as_(fay), "food", "email", True).json(), "food", "email") == (True, False)
    assert Suppression.objects.get().reason == "complained"


def test_nobody_learns_what_an_address_unsubscribed_from_by_claiming_it(api, fay):
    fay.email_verified_at = None
    fay.save()
    suppressing.suppress("email", fay.email, "unsubscribed", kind="food")
    assert wish(api.as_(fay).get(URL).json(), "food", "email") == (True, False)
    choose(api.as_(fay), "food", "email", False)
    choose(api.as_(fay), "food", "email", True)
    assert Suppression.objects.exists()


def test_a_stranger_signs_in_first(api):
    assert refused(api.get(URL))[:2] == (401, "not_authenticated")
    assert refused(api.patch(URL, {}))[:2] == (401, "not_authenticated")


def test_it_takes_as_many_queries_however_much_was_chosen(api, fay, django_assert_num_queries):
    caller = api.as_(fay)
    caller.get(URL)  # what the person may do is asked once
    with django_assert_num_queries(3):
        caller.get(URL)
    for kind in kinds.KINDS:
        Preference.objects.create(user=fay, kind=kind, channel="push", wanted=False)
    with django_assert_num_queries(3):
        caller.get(URL)
