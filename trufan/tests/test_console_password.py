"""Who is invited chooses a password in the console; who forgot it gets a link there."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import password_reset
from trufan.testing import UserFactory
from trufan.tests.console_client import as_
from venues import staffing

pytestmark = pytest.mark.django_db
PAGE = reverse("console_password")
NEW = "Quiet-Harbour-42"


def token_of(link: str) -> str:
    return link.partition("#token=")[2]


def choose(token: str, password: str = NEW, again: str = NEW):
    return as_(None).post(PAGE, {"token": token, "password": password, "again": again})


def test_an_invited_person_chooses_a_password_and_is_let_in(olga, venue):
    place = staffing.invite(venue, "new@example.com", "door", [], olga, timezone.now())
    link = password_reset.link_for(place.user)
    assert link.startswith(f"http://localhost:8000{PAGE}#token=")
    assert as_(None).get(PAGE).status_code == 200
    assert choose(token_of(link)).headers["Location"] == reverse("admin:login")
    place.user.refresh_from_db()
    assert place.user.check_password(NEW)
    assert "no longer" in choose(token_of(link)).content.decode()  # once


def test_a_fans_link_leads_to_the_app_of_fans():
    assert password_reset.link_for(UserFactory()).startswith("http://localhost:8000/reset-password#")


@pytest.mark.parametrize(
    ("token", "password", "again", "said"),
    [
        ("", NEW, NEW, "not valid"),
        ("a.b", NEW, NEW, "not valid"),
        ("\u0000", NEW, NEW, ""),
        ("good", "short", "short", "password"),
        ("good", NEW, "other", "not the same"),
    ],
)
def test_what_sets_no_password_says_why(olga, token, password, again, said):
    given = token_of(password_reset.link_for(olga)) if token == "good" else token
    answer = choose(given, password, again)
    assert answer.status_code in (200, 400)
    assert said in answer.content.decode()
    olga.refresh_from_db()
    assert not olga.check_password(NEW)


def test_a_forgotten_password_is_answered_alike_for_everybody(olga, fay):
    page = reverse("console_password_forgotten")
    answers = [as_(None).post(page, {"email": email}, follow=True) for email in (olga.email, "nobody@example.com")]
    assert "a link is on its way" in answers[0].content.decode()
    assert [answer.redirect_chain for answer in answers] == [[(reverse("admin:login"), 302)]] * 2
    password_reset.answer_requests(timezone.now())
    assert "Forgotten your password?" in as_(None).get(reverse("admin:login")).content.decode()
