"""Sessions of the console are listed, ended, and end by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import sign_in as sign_ins
from accounts.console_sessions import sessions
from accounts.models import ConsoleSession, SignIn, User
from accounts.second_factor.tests.phone import is_in, password
from audit.models import AuditLog
from notifications.models import Notification
from trufan.testing import PASSWORD
from trufan.tests.console_client import as_, press, url
from venues.models import VenueStaff

ACCOUNT = "/admin/account/"
STATE = "/admin/account/session/"
POLL = {"HTTP_SEC_FETCH_DEST": "empty"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"

Committing = Callable[[], Any]


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Any) -> Committing:
    """What a test's transaction holds back happens."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@contextmanager
def frozen() -> Iterator[Any]:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def row_of(client: Client) -> ConsoleSession:
    return ConsoleSession.objects.get(session_key=client.session.session_key)


def test_signing_in_writes_a_session_down(olga: User) -> None:
    client = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.9")
    password(client, olga)
    row = row_of(client)
    assert (row.user, row.ip_address, row.user_agent) == (olga, "203.0.113.9", FIREFOX)
    page = client.get(ACCOUNT).content.decode()
    assert "Firefox on Linux" in page
    assert "203.0.113.9" in page
    assert "this session" in page


def test_a_sign_in_from_an_unknown_browser_and_address_is_told(olga: User) -> None:
    def told() -> int:
        return Notification.objects.filter(template="new_sign_in", user=olga).count()

    home = {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "203.0.113.9"}
    password(Client(**home), olga)
    assert told() == 0  # the first of all
    password(Client(**home | {"REMOTE_ADDR": "203.0.113.10"}), olga)
    password(Client(**home | {"HTTP_USER_AGENT": "Opera"}), olga)
    assert told() == 0
    password(Client(HTTP_USER_AGENT="Safari", REMOTE_ADDR="198.51.100.7"), olga)
    assert told() == 1


def test_the_key_of_a_session_is_shown_nowhere(olga: User, ada: User) -> None:
    client = as_(olga)
    key = client.session.session_key
    row = row_of(client)
    assert key not in client.get(ACCOUNT).content.decode()
    for address in (url(ConsoleSession, "changelist"), url(ConsoleSession, "change", row.pk)):
        response = as_(ada).get(address)
        assert response.status_code == 200
        assert key not in response.content.decode()


def test_one_of_mine_is_ended_at_once(olga: User, committing: Committing) -> None:
    lost, client = as_(olga), as_(olga)
    address = reverse("admin:account_session_end", args=[row_of(lost).pk])
    assert "signed out of the console at once" in client.get(address).content.decode()
    assert is_in(lost)
    with committing():
        client.post(address)
    assert not is_in(lost)
    assert is_in(client)
    entry = AuditLog.objects.get(action="console_session.ended")
    assert (entry.actor, entry.new_values) == (olga, {"because": "ended_by_owner"})


def test_nobody_ends_or_sees_somebody_elses(olga: User, stan: User, committing: Committing) -> None:
    client = as_(olga)
    address = reverse("admin:account_session_end", args=[row_of(client).pk])
    with committing():
        assert as_(stan).get(address).status_code == 404
        assert as_(stan).post(address).status_code == 404
    assert is_in(client)


def test_a_device_of_the_api_is_ended_there_too(olga: User, stan: User) -> None:
    device = sign_ins.start(olga, timezone.now())
    address = reverse("admin:account_device_end", args=[device.pk])
    assert as_(stan).post(address).status_code == 404
    as_(olga).post(address)
    assert SignIn.objects.get(pk=device.pk).revoked_because == "logout"


def test_everything_else_ends_and_this_one_goes_on(olga: User, gus: User, committing: Committing) -> None:
    others, client, theirs = [as_(olga), as_(olga)], as_(olga), as_(gus)
    sign_ins.start(olga, timezone.now())
    with committing():
        page = client.post(reverse("admin:account_end_others"), follow=True).content.decode()
    assert "3 sign-ins" in page
    assert [is_in(each) for each in (*others, client, theirs)] == [False, False, True, True]
    assert not SignIn.objects.live(timezone.now()).filter(user=olga).exists()


def test_a_changed_password_ends_the_others(olga: User, committing: Committing) -> None:
    other, client = as_(olga), as_(olga)
    typed = {"old_password": PASSWORD, "new_password1": "Battery-Staple-7", "new_password2": "Battery-Staple-7"}
    with committing():
        client.post(reverse("admin:password_change"), typed)
    assert not is_in(other)
    assert is_in(client)
    assert list(olga.console_sessions.live(timezone.now())) == [row_of(client)]


def test_signing_out_ends_the_row(olga: User) -> None:
    client = as_(olga)
    pk = row_of(client).pk
    client.post(reverse("admin:logout"))
    row = ConsoleSession.objects.get(pk=pk)
    assert (row.ended_because, row.session_key) == ("signed_out", None)


def test_who_is_let_go_is_signed_out(olga: User, gus: User, committing: Committing) -> None:
    client = as_(gus)
    with committing():
        press(olga, VenueStaff.objects.get(user=gus), "deactivate")
    assert SESSION_KEY not in client.session
    assert ConsoleSession.objects.get(user=gus).ended_because == "staff_changed"


def test_another_role_and_switching_off_end_sessions(ada: User, olga: User, gus: User, committing: Committing) -> None:
    clients = as_(olga), as_(gus)
    with committing():
        press(ada, olga, "role", role="super_admin")
        press(ada, gus, "deactivate")
    assert [SESSION_KEY in client.session for client in clients] == [False, False]


def test_an_admin_ends_somebodys(ada: User, olga: User, committing: Committing) -> None:
    client = as_(olga)
    with committing():
        assert "is ended" in press(ada, row_of(client), "end")
    assert not is_in(client)
    assert AuditLog.objects.get(action="console_session.ended").actor == ada


def test_a_manager_signs_their_staff_out(olga: User, gus: User, committing: Committing) -> None:
    client = as_(gus)
    with committing():
        assert "signed out everywhere" in press(olga, VenueStaff.objects.get(user=gus), "sign-out")
    assert not is_in(client)


def test_an_end_that_did_not_reach_the_cache_is_found_within_a_minute(olga: User) -> None:
    with frozen() as clock:
        client = as_(olga)
        # Without its commit hook: the row says ended, Django's session lives.
        sessions.end(row_of(client), timezone.now(), because="ended_by_admin", by=None)
        assert is_in(client)
        clock.shift(timedelta(seconds=61))
        assert not is_in(client)


def test_a_session_is_written_once_a_minute_at_most(olga: User) -> None:
    def writes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(ACCOUNT)
        return sum(each["sql"].startswith(("UPDATE", "INSERT")) for each in asked.captured_queries)

    with frozen() as clock:
        client = as_(olga)
        assert [writes() for _ in range(3)] == [0, 0, 0]
        clock.shift(timedelta(seconds=61))
        assert writes() == 2  # Django's session, and the row
        assert writes() == 0
        assert row_of(client).last_seen_at == timezone.now()


def test_who_moves_money_is_signed_out_when_idle_and_comes_back(olga: User) -> None:
    wanted = reverse("admin:events_event_changelist") + "?q=night"
    with frozen() as clock:
        client = as_(olga)
        clock.shift(timedelta(minutes=29))
        assert is_in(client)
        clock.shift(timedelta(minutes=31))
        response = client.get(wanted, follow=True)
        assert "Nobody worked here for 30 minutes" in response.content.decode()
        assert response.context["next"] == wanted
        assert ConsoleSession.objects.get().ended_because == "idle"
        back = client.post("/admin/login/", {"username": olga.email, "password": PASSWORD, "next": wanted})
        assert back.headers["Location"] == wanted


def test_what_a_page_asks_by_itself_is_no_work(olga: User) -> None:
    with frozen() as clock:
        client = as_(olga)
        for _ in range(6):
            clock.shift(timedelta(minutes=6))
            response = client.get(ACCOUNT, **POLL)
        assert response.status_code == 302


@pytest.mark.parametrize("header", ["HTTP_X_SCREEN_PART", "HTTP_X_REQUESTED_WITH", "HTTP_HX_REQUEST"])
def test_nor_is_it_where_a_browser_does_not_say_what_it_asks_for(olga: User, header: str) -> None:
    with frozen() as clock:
        client = as_(olga)
        for _ in range(6):
            clock.shift(timedelta(minutes=6))
            response = client.get(ACCOUNT, **{header: "1"})
        assert response.status_code == 302


def test_pages_that_are_opened_and_forms_that_are_sent_are_work(olga: User) -> None:
    with frozen() as clock:
        client = as_(olga)
        for _ in range(3):
            clock.shift(timedelta(minutes=25))
            assert client.get(ACCOUNT, HTTP_SEC_FETCH_DEST="document").status_code == 200
            clock.shift(timedelta(minutes=25))
            assert client.post(STATE, **POLL).json()["is_signed_in"]


def test_screens_of_people_who_move_no_money_stay_all_night(gus: User) -> None:
    with frozen() as clock:
        client = as_(gus)
        for _ in range(11):
            clock.shift(timedelta(hours=1))
            assert client.get(ACCOUNT, **POLL).status_code == 200
        clock.shift(timedelta(hours=1))
        assert client.get(ACCOUNT, **POLL).status_code == 302
        assert ConsoleSession.objects.get().ended_because == "too_long"


def test_no_session_outlives_its_end_however_busy(olga: User) -> None:
    with frozen() as clock:
        client = as_(olga)
        for _ in range(django_settings.SESSION_COOKIE_AGE // 60 // 20):
            assert is_in(client)
            clock.shift(timedelta(minutes=20))
        assert not is_in(client)


def test_the_idle_limit_can_be_switched_off(olga: User, settings: Any) -> None:
    settings.CONSOLE_IDLE_MINUTES = 0
    with frozen() as clock:
        client = as_(olga)
        clock.shift(timedelta(hours=11))
        assert is_in(client)


def test_the_page_learns_how_long_is_left_without_keeping_it_alive(olga: User) -> None:
    with frozen() as clock:
        client = as_(olga)
        clock.shift(timedelta(minutes=10))
        assert client.get(STATE, **POLL).json()["seconds_left"] == 20 * 60
        clock.shift(timedelta(minutes=10))
        assert client.get(STATE, **POLL).json()["seconds_left"] == 10 * 60
        assert client.post(STATE, **POLL).json()["seconds_left"] == 30 * 60
        clock.shift(timedelta(minutes=31))
        assert client.get(STATE, **POLL).json() == {"is_signed_in": False, "seconds_left": 0}


def test_going_on_takes_the_token_that_forms_take(olga: User) -> None:
    client = as_(olga, enforce_csrf_checks=True)
    assert client.post(STATE).status_code == 403
    token = client.get(STATE).json()["csrf_token"]
    assert client.post(STATE, HTTP_X_CSRFTOKEN=token).status_code == 200


def test_every_page_carries_the_script_with_the_persons_limit(olga: User, gus: User) -> None:
    assert "session.js?idle=1800" in as_(olga).get(ACCOUNT).content.decode()
    assert "session.js?idle=0" in as_(gus).get(ACCOUNT).content.decode()
    assert "session.js?idle=0" in as_(gus).get(reverse("admin:ticketing_ticket_door"), follow=True).content.decode()
    assert "session.js?idle=-1" in Client().get("/admin/login/").content.decode()


def test_old_sessions_are_swept_up(olga: User) -> None:
    as_(olga)
    now = timezone.now()
    sign_ins.remove_expired(now + timedelta(days=30))
    assert ConsoleSession.objects.count() == 1
    sign_ins.remove_expired(now + timedelta(days=31))
    assert ConsoleSession.objects.count() == 0


def test_the_api_makes_no_console_session(olga: User) -> None:
    Client().post("/api/v1/auth/login", {"email": olga.email, "password": PASSWORD}, content_type="application/json")
    assert SignIn.objects.filter(user=olga).exists()
    assert not ConsoleSession.objects.exists()
