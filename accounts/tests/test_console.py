"""The console lets staff in, keeps others out, and lets super admins look after people."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sign_in
from accounts.models import Role, SignIn, User
from audit.models import AuditLog
from trufan.testing import PASSWORD
from trufan.tests.console_client import as_, buttons_on, press, url

LOGIN = "/admin/login/"


def knock(client: Client, email: str, password: str = PASSWORD) -> Any:
    """Fill in the login page and send it."""
    wanted = client.get(LOGIN).context["next"]
    return client.post(LOGIN, {"username": email, "password": password, "next": wanted})


def test_staff_sign_in_with_their_address_in_any_case(olga: User) -> None:
    response = knock(Client(), "Olga@Example.com")
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("admin:index")
    assert AuditLog.objects.get(action="user.signed_in_to_console").actor == olga


def test_one_comes_back_to_the_page_one_wanted(olga: User) -> None:
    client = Client()
    wanted = reverse("admin:events_event_changelist")
    page = client.get(wanted, follow=True)
    assert page.context["next"] == wanted
    response = client.post(f"{LOGIN}?next={wanted}", {"username": olga.email, "password": PASSWORD, "next": wanted})
    assert response.headers["Location"] == wanted


@pytest.mark.parametrize("who", ["fay", "olga"])
def test_customers_and_wrong_passwords_stay_outside(who: str, request: pytest.FixtureRequest) -> None:
    user, client = request.getfixturevalue(who), Client()
    response = knock(client, user.email, PASSWORD if who == "fay" else "Wrong-1")
    assert response.status_code == 200
    assert "not on any staff" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_people_without_an_account_hear_the_same(olga: User) -> None:
    known, unknown = (knock(Client(), email, "Wrong-1") for email in (olga.email, "nobody@example.com"))
    assert known.context["form"].errors == unknown.context["form"].errors


def test_repeated_failures_lock_the_address_and_say_so(olga: User) -> None:
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = knock(client, olga.email, "Wrong-1")
    assert "is locked for 15 minutes" in response.content.decode()
    response = knock(client, olga.email)
    assert response.status_code == 200
    assert "is locked for 15 minutes" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_super_admin_lifts_the_lock(olga: User, ada: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        knock(Client(), olga.email, "Wrong-1")
    assert "may try to sign in again" in press(ada, olga, "unlock")
    assert knock(Client(), olga.email).status_code == 302


def test_signing_out_everywhere_ends_every_device(ada: User, fay: User) -> None:
    sign_in.start(fay, timezone.now())
    assert "signed out everywhere" in press(ada, fay, "sign-out")
    assert not SignIn.objects.filter(user=fay, revoked_at=None).exists()
    assert AuditLog.objects.get(action="user.signed_out_everywhere").actor == ada


def test_switching_an_account_off_and_on(ada: User, olga: User) -> None:
    client = as_(olga)
    assert "switched off" in press(ada, olga, "deactivate")
    assert client.get(reverse("admin:index")).status_code == 302
    assert "is active" in press(ada, olga, "activate")
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_super_admin_cannot_switch_off_themselves(ada: User) -> None:
    assert "your own" in press(ada, ada, "deactivate")
    ada.refresh_from_db()
    assert ada.is_active


def test_a_role_is_given(ada: User, fay: User) -> None:
    assert "is changed" in press(ada, fay, "role", role="venue_admin")
    fay.refresh_from_db()
    assert fay.role == Role.VENUE_ADMIN


def test_a_role_that_does_not_exist_is_refused(ada: User, fay: User) -> None:
    response = as_(ada).post(url(User, "button", fay.pk, "role"), {"role": "emperor"})
    assert response.context["form"].errors["role"]


def test_people_offer_what_their_state_allows(ada: User, fay: User) -> None:
    assert buttons_on(ada, fay) == {"role", "sign-out", "unlock", "deactivate"}
    User.objects.filter(pk=fay.pk).update(is_active=False)
    assert buttons_on(ada, fay) == {"role", "sign-out", "unlock", "activate"}


def test_changing_ones_password_ends_ones_other_devices(olga: User) -> None:
    sign_in.start(olga, timezone.now())
    client = as_(olga)
    typed = {"old_password": PASSWORD, "new_password1": "Battery-Staple-7", "new_password2": "Battery-Staple-7"}
    assert client.post(reverse("admin:password_change"), typed).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200
    assert not SignIn.objects.filter(user=olga, revoked_at=None).exists()
    assert AuditLog.objects.filter(action="user.password_changed", entity_id=olga.pk).exists()
    olga.refresh_from_db()
    assert olga.check_password("Battery-Staple-7")


def test_a_weak_password_is_refused(olga: User) -> None:
    typed = {"old_password": PASSWORD, "new_password1": "password", "new_password2": "password"}
    response = as_(olga).post(reverse("admin:password_change"), typed)
    assert response.context["form"].errors["new_password2"]
    olga.refresh_from_db()
    assert olga.check_password(PASSWORD)


def test_djangos_own_groups_have_no_page() -> None:
    assert not admin.site.is_registered(Group)
