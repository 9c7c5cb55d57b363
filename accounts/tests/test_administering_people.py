"""What super admins see and change."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import administration
from accounts.models import Role, SignIn, User
from accounts.tests.conftest import ME, code
from audit.models import AuditLog
from trufan.lib.errors import Forbidden
from trufan.testing import UserFactory

USERS = "/api/v1/users"


@pytest.fixture
def as_ada(ada: User, sign_in: Any, bearer: Any) -> APIClient:
    return bearer(sign_in(ada)["access_token"])


def emails(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.data
    return [row["email"] for row in answer.json()["results"]]


@pytest.mark.parametrize("person", ["fay", "gus", "olga"])
def test_nobody_else_gets_in(request: Any, sign_in: Any, bearer: Any, ada: User, person: str):
    caller = bearer(sign_in(request.getfixturevalue(person))["access_token"])
    for answer in (caller.get(USERS), caller.get(f"{USERS}/{ada.pk}"), caller.patch(f"{USERS}/{ada.pk}", {})):
        assert code(answer) == (403, "permission_denied")


def test_without_signing_in_it_is_401(anyone: APIClient):
    assert code(anyone.get(USERS)) == (401, "not_authenticated")


def test_searches_filters_and_orders(as_ada: APIClient, fay: User, gus: User):
    User.objects.filter(pk=gus.pk).update(email_verified_at=None, is_active=False, phone="+12125550123")
    assert emails(as_ada.get(USERS, {"search": "fan fay"})) == [fay.email]
    assert emails(as_ada.get(USERS, {"search": "5550123"})) == [gus.email]
    assert emails(as_ada.get(USERS, {"role": "super_admin"})) == ["ada@example.com"]
    assert emails(as_ada.get(USERS, {"is_active": "false"})) == [gus.email]
    assert emails(as_ada.get(USERS, {"email_verified": "false"})) == [gus.email]
    assert emails(as_ada.get(USERS, {"ordering": "-email"})) == [gus.email, fay.email, "ada@example.com"]
    assert emails(as_ada.get(USERS, {"created_after": timezone.now().isoformat()})) == []
    assert as_ada.get(USERS, {"role": "king"}).status_code == 422
    assert as_ada.get(USERS, {"ordering": "password"}).status_code == 422


def test_listing_costs_three_queries(as_ada: APIClient, django_assert_num_queries: Any):
    UserFactory.create_batch(5)
    with django_assert_num_queries(3):
        as_ada.get(USERS)


def test_never_shows_a_password(as_ada: APIClient, fay: User):
    assert "password" not in as_ada.get(f"{USERS}/{fay.pk}").json()


def test_gives_a_role_and_says_so_in_the_trail(as_ada: APIClient, ada: User, fay: User):
    assert as_ada.patch(f"{USERS}/{fay.pk}", {"role": "venue_admin"}).json()["role"] == "venue_admin"
    entry = AuditLog.objects.get(action="user.role_changed")
    assert (entry.actor, entry.entity_id) == (ada, fay.pk)
    assert (entry.old_values, entry.new_values) == ({"role": "customer"}, {"role": "venue_admin"})


def test_switching_off_ends_sessions_at_once_and_back_on_needs_a_new_login(
    as_ada: APIClient, fay: User, sign_in: Any, bearer: Any
):
    caller = bearer(sign_in(fay)["access_token"])
    assert as_ada.patch(f"{USERS}/{fay.pk}", {"is_active": False}).json()["is_active"] is False
    assert caller.get(ME).status_code == 401
    as_ada.patch(f"{USERS}/{fay.pk}", {"is_active": True})
    assert caller.get(ME).status_code == 401
    assert SignIn.objects.get(user=fay).revoked_because == "account_switched_off"
    assert bearer(sign_in(fay)["access_token"]).get(ME).status_code == 200
    actions = set(AuditLog.objects.filter(entity_id=fay.pk).values_list("action", flat=True))
    assert {"user.switched_off", "user.switched_on"} <= actions


@pytest.mark.parametrize("change", [{"role": "customer"}, {"is_active": False}])
def test_nobody_locks_themselves_out(as_ada: APIClient, ada: User, change: dict[str, Any]):
    assert code(as_ada.patch(f"{USERS}/{ada.pk}", change)) == (409, "own_account")


def test_only_role_and_activity_change_here(as_ada: APIClient, fay: User):
    as_ada.patch(f"{USERS}/{fay.pk}", {"email": "x@example.com", "password": "Another-Horse-7", "erased_at": None})
    fay.refresh_from_db()
    assert fay.email == "fay@example.com"
    assert code(as_ada.patch(f"{USERS}/{fay.pk}", {"role": "king"})) == (422, "validation_error")


def test_an_erased_account_stays_erased(as_ada: APIClient, fay: User):
    User.objects.filter(pk=fay.pk).update(erased_at=timezone.now(), is_active=False)
    assert code(as_ada.patch(f"{USERS}/{fay.pk}", {"is_active": True})) == (409, "account_erased")


def test_an_unknown_person_is_404(as_ada: APIClient):
    assert as_ada.get(f"{USERS}/019c1f3e-7a52-7c11-9d3b-5f0e6c2a1b40").status_code == 404
    assert as_ada.get(f"{USERS}/nobody").status_code == 404


def test_who_was_demoted_meanwhile_demotes_nobody(ada: User, fay: User):
    User.objects.filter(pk=ada.pk).update(role=Role.CUSTOMER)
    with pytest.raises(Forbidden):
        administration.change(fay, by=ada, now=timezone.now(), role=Role.SUPER_ADMIN)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_demote_each_other_at_once_leave_one():
    pair = [UserFactory(role=Role.SUPER_ADMIN) for _ in range(2)]
    ready = threading.Barrier(2)

    def demote(by: User, target: User) -> None:
        ready.wait()
        try:
            administration.change(target, by=by, now=timezone.now(), role=Role.CUSTOMER)
        except Forbidden:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=order) for order in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(role=Role.SUPER_ADMIN).count() == 1
