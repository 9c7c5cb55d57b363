"""Setting up a second factor, where it is required and where it is not; losing it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import sign_in as sign_ins
from accounts.models import SecondFactor, SignIn, User
from accounts.second_factor import recovery
from accounts.second_factor.tests.phone import Phone, is_in, sign_in, with_phone
from audit.models import AuditLog
from notifications.models import Notification
from trufan.testing import PASSWORD, StaffFactory
from trufan.tests.console_client import as_, buttons_on, press, url
from venues.models import Venue, VenueStaff

SET_UP = "/admin/account/second-factor/"


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def shown(client: Client) -> Phone:
    """Let a phone read the secret of the page."""
    return Phone(client.get(SET_UP).context["secret"].replace(" ", ""))


def set_up(client: Client, **typed: str) -> tuple[Phone, Any]:
    phone = shown(client)
    return phone, client.post(SET_UP, {"password": PASSWORD, "code": phone.code(), **typed})


@pytest.mark.usefixtures("required")
def test_nothing_else_opens_for_who_moves_money(olga: User, venue: Venue) -> None:
    client = as_(olga)
    for address in (
        reverse("admin:index"),
        reverse("admin:account"),
        reverse("admin:account_end_others"),
        reverse("admin:password_change"),
        reverse("admin:ticketing_ticket_door"),
        url(Venue, "change", venue.pk),
    ):
        for response in (client.get(address), client.post(address, {"name": "Taken"})):
            assert (response.status_code, response.headers["Location"]) == (302, SET_UP), address
    venue.refresh_from_db()
    assert venue.name != "Taken"
    assert "moves money" in client.get(SET_UP).content.decode()


@pytest.mark.usefixtures("required")
def test_everything_opens_once_it_is_set_up(olga: User) -> None:
    client = as_(olga)
    phone, response = set_up(client)
    codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", response.content.decode())
    assert len(set(codes)) == recovery.HOW_MANY
    assert client.get(reverse("admin:index")).status_code == 200
    assert SecondFactor.objects.get(user=olga)
    assert is_in(sign_in(olga, codes[0]))
    assert is_in(sign_in(olga, phone.code(steps=1)))
    assert not any(code in client.get(reverse("admin:account")).content.decode() for code in codes)
    assert Notification.objects.filter(template="second_factor_changed", context__what="set_up").count() == 1


@pytest.mark.usefixtures("required")
def test_super_admins_need_one_and_stewards_do_not(ada: User, gus: User) -> None:
    assert as_(ada).get(reverse("admin:index")).headers["Location"] == SET_UP
    assert as_(gus).get(reverse("admin:index")).status_code == 200


@pytest.mark.usefixtures("required")
def test_a_promotion_asks_for_one_at_once(gus: User) -> None:
    client = as_(gus)
    assert client.get(reverse("admin:index")).status_code == 200
    VenueStaff.objects.filter(user=gus).update(role=VenueStaff.Role.MANAGER)
    assert client.get(reverse("admin:index")).headers["Location"] == SET_UP


@pytest.mark.usefixtures("required")
def test_what_counts_as_moving_money_is_a_setting(gus: User, settings: Any) -> None:
    settings.SECOND_FACTOR_PERMISSIONS = ["check_in"]
    assert as_(gus).get(reverse("admin:index")).headers["Location"] == SET_UP


def test_a_laptop_asks_nobody(olga: User) -> None:
    assert as_(olga).get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(("field", "typed"), [("password", "Wrong-1"), ("code", "000000"), ("code", "")])
def test_without_password_and_code_nothing_is_set_up(olga: User, field: str, typed: str) -> None:
    client = as_(olga)
    _, response = set_up(client, **{field: typed})
    assert response.context["form"].errors[field]
    assert not SecondFactor.objects.exists()


def test_a_mistyped_code_keeps_the_secret_that_the_phone_has_read(olga: User) -> None:
    client = as_(olga)
    phone = shown(client)
    client.post(SET_UP, {"password": PASSWORD, "code": phone.wrong()})
    assert shown(client).secret == phone.secret


def test_the_secret_waits_unreadable(olga: User) -> None:
    client = as_(olga)
    phone = shown(client)
    assert phone.secret not in str(dict(client.session))


def test_every_other_sign_in_ends(olga: User, django_capture_on_commit_callbacks: Any) -> None:
    other, client = as_(olga), as_(olga)
    device = sign_ins.start(olga, timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        set_up(client)
    assert is_in(client)
    assert not is_in(other)
    assert SignIn.objects.get(pk=device.pk).revoked_because == "second_factor_changed"


def test_replacing_takes_a_code_of_the_former(olga: User) -> None:
    phone, _ = with_phone(olga)
    client = sign_in(olga, phone.code())
    _, refused = set_up(client, present_code=phone.wrong())
    assert refused.context["form"].errors["present_code"]
    new, _ = set_up(client, present_code=phone.code(steps=1))
    assert is_in(client)
    assert AuditLog.objects.filter(action="user.second_factor_replaced", actor=olga).exists()
    assert not is_in(sign_in(olga, phone.code(steps=1)))
    assert is_in(sign_in(olga, new.code(steps=1)))


def test_new_recovery_codes_end_the_old(olga: User) -> None:
    phone, old = with_phone(olga)
    client = sign_in(olga, phone.code())
    page = client.post(reverse("admin:recovery_codes"), {"password": PASSWORD, "present_code": phone.code(steps=1)})
    new = re.findall(r"<code>([0-9A-Z-]{14})</code>", page.content.decode())
    assert not is_in(sign_in(olga, old[0]))
    assert is_in(sign_in(olga, new[0]))


def test_who_need_not_have_one_may_remove_it(gus: User, required: None) -> None:
    phone, _ = with_phone(gus)
    client = sign_in(gus, phone.code())
    address = reverse("admin:second_factor_remove")
    assert client.post(address, {"password": "Wrong-1", "present_code": phone.code(steps=1)}).status_code == 200
    assert SecondFactor.objects.filter(user=gus).exists()
    client.post(address, {"password": PASSWORD, "present_code": phone.code(steps=1)})
    assert not SecondFactor.objects.filter(user=gus).exists()
    assert not gus.recovery_codes.exists()
    # Promoted in the same session, one needs another.
    VenueStaff.objects.filter(user=gus).update(role=VenueStaff.Role.MANAGER)
    assert client.get(reverse("admin:index")).headers["Location"] == SET_UP


def test_who_needs_one_may_not_remove_it(olga: User, required: None) -> None:
    phone, _ = with_phone(olga)
    client = sign_in(olga, phone.code())
    client.post(reverse("admin:second_factor_remove"), {"password": PASSWORD, "present_code": phone.code(steps=1)})
    assert SecondFactor.objects.filter(user=olga).exists()


def place_of(user: User) -> VenueStaff:
    return VenueStaff.objects.get(user=user)


def test_a_manager_resets_a_lost_phone_of_their_staff(
    olga: User, gus: User, venue: Venue, django_capture_on_commit_callbacks: Any
) -> None:
    phone, _ = with_phone(gus)
    client = sign_in(gus, phone.code())
    with django_capture_on_commit_callbacks(execute=True):
        assert "is reset" in press(olga, place_of(gus), "reset-second-factor", reason="Phone in the river")
    assert not is_in(client)
    entry = AuditLog.objects.get(action="user.second_factor_reset")
    assert (entry.actor, entry.entity_id, entry.venue_id) == (olga, gus.pk, venue.pk)
    assert entry.new_values["reason"] == "Phone in the river"
    assert Notification.objects.filter(template="second_factor_changed", context__what="reset").count() == 1
    assert not gus.recovery_codes.exists()


def test_nobody_resets_who_may_do_more_elsewhere(olga: User, gus: User, other_venue: Venue) -> None:
    StaffFactory(user=gus, venue=other_venue, role=VenueStaff.Role.MANAGER)
    with_phone(gus)
    place = VenueStaff.objects.get(user=gus, role=VenueStaff.Role.DOOR)
    assert "may not decide" in press(olga, place, "reset-second-factor", reason="Lost")
    assert "may not decide" in press(olga, place, "sign-out")
    assert "may not decide" in press(olga, place, "unlock")
    assert SecondFactor.objects.filter(user=gus).exists()


def test_nobody_resets_their_own(olga: User, ada: User) -> None:
    with_phone(olga)
    with_phone(ada)
    press(olga, place_of(olga), "reset-second-factor", reason="Lazy")
    press(ada, ada, "reset-second-factor", reason="Lazy")
    assert SecondFactor.objects.count() == 2


def test_a_stranger_does_not_reach_the_button(stan: User, gus: User) -> None:
    with_phone(gus)
    address = url(VenueStaff, "button", place_of(gus).pk, "reset-second-factor")
    as_(stan).post(address, {"reason": "Theft"})
    assert SecondFactor.objects.filter(user=gus).exists()


def test_a_super_admin_resets_anybody(ada: User, olga: User) -> None:
    with_phone(olga)
    assert "is reset" in press(ada, olga, "reset-second-factor", reason="Lost")
    assert "reset-second-factor" not in buttons_on(ada, olga)


def test_lifting_a_lock_lifts_that_of_codes_too(ada: User, olga: User) -> None:
    phone, _ = with_phone(olga)
    for _ in range(6):
        assert not is_in(sign_in(olga, phone.wrong()))
    assert not is_in(sign_in(olga, phone.code()))
    press(ada, olga, "unlock")
    assert is_in(sign_in(olga, phone.code()))


def test_managers_see_who_has_one(olga: User, gus: User) -> None:
    with_phone(gus)
    page = as_(olga).get(url(VenueStaff, "changelist"))
    shown = {row.user: page.context["cl"].model_admin.second_factor(row) for row in page.context["cl"].result_list}
    assert shown == {olga: False, gus: True}


def test_whoever_runs_the_server_helps_the_last_super_admin(ada: User) -> None:
    with_phone(ada)
    call_command("reset_second_factor", "Ada@Example.com", "--reason", "Phone and codes burnt")
    assert not SecondFactor.objects.exists()
    assert AuditLog.objects.get(action="user.second_factor_reset").actor is None
    for wrong in ("Ada@example.com", "nobody@example.com"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", wrong, "--reason", "Again")
