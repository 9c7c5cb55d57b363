"""Ending sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import sign_in as signing
from accounts.models import PhoneCode, SignIn, User
from accounts.tests.conftest import AUTH, ME, code
from audit.models import AuditLog


def is_in(caller: APIClient) -> bool:
    return caller.get(ME).status_code == 200


def test_logout_ends_this_session_at_once_and_no_other(fay: User, sign_in: Any, bearer: Any):
    here, there = sign_in(fay), sign_in(fay)
    caller, other = bearer(here["access_token"]), bearer(there["access_token"])
    assert caller.post(f"{AUTH}/logout").status_code == 204
    assert not is_in(caller)
    assert is_in(other)
    answer = APIClient().post(f"{AUTH}/refresh", {"refresh_token": here["refresh_token"]})
    assert code(answer) == (401, "invalid_token")
    assert AuditLog.objects.filter(action="session.revoked", actor=fay).count() == 1


def test_logout_all_ends_every_session_of_this_person_only(fay: User, gus: User, sign_in: Any, bearer: Any):
    callers = [bearer(sign_in(fay)["access_token"]) for _ in range(2)]
    other = bearer(sign_in(gus)["access_token"])
    assert callers[0].post(f"{AUTH}/logout-all").status_code == 204
    assert [is_in(caller) for caller in callers] == [False, False]
    assert is_in(other)
    assert AuditLog.objects.get(action="user.signed_out_everywhere").new_values == {"ended": 2}


def test_lists_my_live_sessions_and_marks_this_one(fay: User, gus: User, sign_in: Any, bearer: Any):
    sign_in(gus)
    sign_in(fay)
    ended = bearer(sign_in(fay)["access_token"])
    ended.post(f"{AUTH}/logout")
    answer = bearer(sign_in(fay)["access_token"]).get(f"{AUTH}/sessions").json()
    assert answer["count"] == 2
    assert [row["current"] for row in answer["results"]] == [True, False]


def test_listing_costs_three_queries(as_fay: APIClient, fay: User, sign_in: Any, django_assert_num_queries: Any):
    for _ in range(5):
        sign_in(fay)
    with django_assert_num_queries(3):
        as_fay.get(f"{AUTH}/sessions")


def test_ends_another_session_of_mine(fay: User, sign_in: Any, bearer: Any):
    lost = bearer(sign_in(fay)["access_token"])
    session = SignIn.objects.get()
    assert bearer(sign_in(fay)["access_token"]).delete(f"{AUTH}/sessions/{session.pk}").status_code == 204
    assert not is_in(lost)


def test_a_strangers_session_is_not_there(as_fay: APIClient, gus: User, sign_in: Any, bearer: Any):
    other = bearer(sign_in(gus)["access_token"])
    session = SignIn.objects.get(user=gus)
    assert code(as_fay.delete(f"{AUTH}/sessions/{session.pk}")) == (404, "not_found")
    assert is_in(other)


def test_what_ended_long_ago_is_swept_and_nothing_else(fay: User):
    now = timezone.now()
    for days in (40, 20, -1):
        ended = now - timedelta(days=days)
        SignIn.objects.create(user=fay, current_jti="x", expires_at=ended, last_used_at=now)
        PhoneCode.objects.create(user=fay, phone="+12125550123", code_hash="x", expires_at=ended)
    for minutes in (60, 5):
        AccessAttempt.objects.create(username=f"{minutes}", failures_since_start=1)
        AccessAttempt.objects.filter(username=f"{minutes}").update(attempt_time=now - timedelta(minutes=minutes))
    assert signing.remove_expired(now) == 3
    assert (SignIn.objects.count(), PhoneCode.objects.count(), AccessAttempt.objects.get().username) == (2, 2, "5")
    assert signing.remove_expired(now) == 0
