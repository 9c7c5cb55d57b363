"""Staff invited, changed and let go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import password_reset
from accounts.models import SignIn, User
from audit.models import AuditLog
from notifications.models import Notification
from trufan.testing import PASSWORD, StaffFactory, UserFactory
from venues import staffing
from venues.errors import LastManager
from venues.models import VenueStaff

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(venue) -> str:
    return f"/api/v1/venues/{venue.pk}/staff"


def place_of(user, venue) -> VenueStaff:
    return VenueStaff.objects.get(user=user, venue=venue)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_the_list_says_who_may_do_what(api, url, olga, gus):
    rows = api.as_(olga).get(url, {"ordering": "created_at"}).json()["results"]
    by_mail = {row["user"]["email"]: row for row in rows}
    assert set(by_mail) == {"olga@example.com", "gus@example.com"}
    assert by_mail["gus@example.com"]["role"] == "door"
    assert by_mail["gus@example.com"]["permissions"] == ["check_in", "view_orders", "view_venue"]


def test_the_list_is_searched_and_filtered(api, url, olga, gus):
    def mails(**query) -> list[str]:
        return [row["user"]["email"] for row in api.as_(olga).get(url, query).json()["results"]]

    assert mails(search="gus") == ["gus@example.com"]
    assert mails(role="manager") == ["olga@example.com"]
    assert mails(is_active="false") == []
    assert api.as_(olga).get(url, {"role": "emperor"}).status_code == 422


def test_the_list_costs_four_queries_however_long(api, url, venue, olga, django_assert_num_queries):
    for length in (3, 27):
        StaffFactory.create_batch(length, venue=venue, role="door")
        caller = api.as_(User.objects.get(pk=olga.pk))
        with django_assert_num_queries(4):  # permissions, venue, count, page
            assert len(caller.get(url).json()["results"]) > length


def test_an_unknown_address_gets_an_account_and_a_link(api, url, olga, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks():
        answer = api.as_(olga).post(url, {"email": "New.Hand@Example.com", "role": "door"})
    assert answer.status_code == 201, answer.json()
    user = User.objects.get(email="new.hand@example.com")
    assert (user.role, user.has_usable_password(), user.email_verified_at) == ("venue_staff", False, None)
    mail = Notification.objects.get(template="staff_invited")
    assert (mail.recipient, mail.user) == ("new.hand@example.com", user)
    token = mail.context["link"].split("#token=")[1]
    password_reset.reset(token, "Brand-New-Pass-1", timezone.now())
    user.refresh_from_db()
    assert user.check_password("Brand-New-Pass-1") and user.email_verified_at is not None


def test_a_customer_becomes_venue_staff_and_is_told(api, url, venue, olga, fay):
    answer = api.as_(olga).post(url, {"email": "fay@example.com", "role": "box_office"})
    assert answer.json()["user"]["first_name"] == "Fay"
    fay = User.objects.get(pk=fay.pk)
    assert fay.role == "venue_staff" and fay.can("refund_orders", venue)
    assert fay.check_password(PASSWORD), "a proven account keeps its password"
    mail = Notification.objects.get(template="staff_invited")
    assert mail.context["link"].endswith("/admin/")
    assert AuditLog.objects.get(action="user.role_changed").new_values == {"role": "venue_staff"}
    entry = AuditLog.objects.get(action="staff.invited")
    assert (entry.actor, entry.venue_id, entry.new_values["role"]) == (olga, venue.pk, "box_office")


def test_who_registered_an_address_without_proving_it_is_shut_out(api, url, olga):
    squatter = UserFactory(email="boss@example.com", email_verified_at=None)
    session = SignIn.objects.create(
        user=squatter, current_jti="x", expires_at=timezone.now() + timedelta(days=7), last_used_at=timezone.now()
    )
    assert api.as_(olga).post(url, {"email": "boss@example.com", "role": "manager"}).status_code == 201
    squatter.refresh_from_db()
    session.refresh_from_db()
    assert not squatter.has_usable_password()
    assert session.revoked_at is not None
    assert "#token=" in Notification.objects.get(template="staff_invited").context["link"]


def test_a_higher_role_is_not_lowered_by_an_invitation(api, url, olga, stan):
    assert api.as_(olga).post(url, {"email": "stan@example.com", "role": "door"}).status_code == 201
    stan.refresh_from_db()
    assert stan.role == "venue_admin"


def test_nobody_is_invited_twice_but_may_come_back(api, url, venue, olga, gus):
    invitation = {"email": "gus@example.com", "role": "kitchen"}
    assert code(api.as_(olga).post(url, invitation)) == (409, "already_on_staff")
    place = place_of(gus, venue)
    assert api.as_(olga).delete(f"{url}/{place.pk}").status_code == 204
    assert not User.objects.get(pk=gus.pk).can("view_venue", venue)
    back = api.as_(olga).post(url, invitation).json()
    assert (back["id"], back["role"], back["is_active"]) == (str(place.pk), "kitchen", True)


def test_a_closed_account_is_not_invited(api, url, olga):
    UserFactory(email="gone@example.com", is_active=False)
    assert code(api.as_(olga).post(url, {"email": "gone@example.com", "role": "door"})) == (409, "account_closed")


def test_a_refused_invitation_leaves_nothing(api, url, venue):
    clerk = StaffFactory(venue=venue, role="door", extra_permissions=["manage_staff"]).user
    refused = api.as_(clerk).post(url, {"email": "mate@example.com", "role": "manager"})
    assert code(refused) == (403, "beyond_own_rights")
    assert not User.objects.filter(email="mate@example.com").exists()
    assert not Notification.objects.exists()


def test_nobody_decides_over_more_than_they_hold(api, url, venue, olga, gus):
    clerk_place = StaffFactory(venue=venue, role="door", extra_permissions=["manage_staff"])
    clerk = api.as_(clerk_place.user)
    boss, mate = f"{url}/{place_of(olga, venue).pk}", f"{url}/{place_of(gus, venue).pk}"
    too_much = {"email": "mate@example.com", "role": "kitchen", "extra_permissions": ["refund_orders"]}
    assert code(clerk.post(url, too_much)) == (403, "beyond_own_rights")
    assert code(clerk.patch(boss, {"role": "door"})) == (403, "beyond_own_rights")
    assert code(clerk.delete(boss)) == (403, "beyond_own_rights")
    assert code(clerk.patch(mate, {"role": "manager"})) == (403, "beyond_own_rights")
    own = f"{url}/{clerk_place.pk}"
    assert code(clerk.patch(own, {"extra_permissions": ["manage_staff", "view_audit"]})) == (403, "beyond_own_rights")
    assert clerk.patch(mate, {"extra_permissions": ["manage_staff"]}).status_code == 200
    assert code(clerk.patch(mate, {"role": "parking", "extra_permissions": []})) == (403, "beyond_own_rights")
    assert clerk.delete(mate).status_code == 204


def test_the_last_manager_stays(api, url, venue, olga, ada):
    own = f"{url}/{place_of(olga, venue).pk}"
    for caller in (olga, ada):
        assert code(api.as_(caller).delete(own)) == (409, "last_manager")
        assert code(api.as_(caller).patch(own, {"role": "door"})) == (409, "last_manager")
    StaffFactory(venue=venue, role="manager", user__is_active=False)
    assert code(api.as_(olga).delete(own)) == (409, "last_manager"), "who cannot sign in does not manage"
    StaffFactory(venue=venue, role="manager")
    assert api.as_(olga).patch(own, {"role": "door"}).status_code == 200


def test_a_change_is_written_down_once_and_only_if_it_changes(api, url, venue, olga, gus):
    row = f"{url}/{place_of(gus, venue).pk}"
    api.as_(olga).patch(row, {"role": "box_office"})
    api.as_(olga).patch(row, {"role": "box_office"})
    entry = AuditLog.objects.get(action="staff.changed")
    assert (entry.old_values["role"], entry.new_values["role"]) == ("door", "box_office")


def test_who_was_let_go_cannot_be_changed(api, url, venue, olga, gus):
    row = f"{url}/{place_of(gus, venue).pk}"
    api.as_(olga).delete(row)
    assert code(api.as_(olga).patch(row, {"role": "kitchen"})) == (409, "not_on_staff")
    assert code(api.as_(olga).delete(row)) == (409, "not_on_staff")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"role": "emperor"}, "role"),
        ({"extra_permissions": ["fly"]}, "extra_permissions[0]"),
        ({"extra_permissions": "check_in"}, "extra_permissions"),
        ({"extra_permissions": None}, "extra_permissions"),
    ],
)
def test_nonsense_is_refused_by_field(api, url, olga, wrong, field):
    answer = api.as_(olga).post(url, {"email": "a@example.com", "role": "door", **wrong})
    assert answer.status_code == 422, answer.json()
    assert field in [detail["field"] for detail in answer.json()["error"]["details"]]


def test_staff_is_only_for_who_manages_it(api, url, venue, fay, gus, stan, olga):
    row = f"{url}/{place_of(gus, venue).pk}"
    for user, status in ((None, 401), (fay, 403), (gus, 403), (stan, 403)):
        caller = api.as_(user)
        answers = [
            caller.get(url),
            caller.post(url, {"email": "x@example.com", "role": "door"}),
            caller.patch(row, {"role": "kitchen"}),
            caller.delete(row),
        ]
        assert [answer.status_code for answer in answers] == [status] * 4
    assert place_of(gus, venue).role == "door"
    venue.is_active = False
    venue.save()
    assert [api.as_(user).get(url).status_code for user in (fay, stan, gus, olga)] == [404, 404, 403, 200]


def test_a_row_of_another_venue_does_not_exist_here(api, other_venue, venue, gus, stan):
    foreign = f"/api/v1/venues/{other_venue.pk}/staff/{place_of(gus, venue).pk}"
    assert api.as_(stan).patch(foreign, {"role": "kitchen"}).status_code == 404
    assert api.as_(stan).delete(foreign).status_code == 404
    assert place_of(gus, venue).is_active


def test_the_system_itself_may_staff_a_venue(venue):
    place = staffing.invite(venue, "seed@example.com", "manager", [], None, timezone.now())
    with pytest.raises(LastManager):
        staffing.deactivate(place, None, timezone.now())
