"""The language that somebody chose once is spoken by the console and the API, wherever they sign in."""

from __future__ import annotations

import pytest

from accounts import spoken
from accounts.models import User
from trufan.testing import PASSWORD
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db


def test_what_was_chosen_in_my_account_holds_in_another_browser_over_its_cookie(olga: User) -> None:
    assert as_(olga).post("/language/setlang/", {"language": "es", "next": "/admin/account/"}).status_code == 302
    other = as_(olga)
    other.cookies["django_language"] = "en"
    page = other.get("/admin/account/")
    assert '<html lang="es"' in page.content.decode()
    assert page["Content-Language"] == "es"
    assert "Idioma" in page.content.decode()


def test_the_page_offers_every_language_to_choose(olga: User) -> None:
    page = as_(olga).get("/admin/account/").content.decode()
    assert 'name="language" value="es"' in page
    assert 'name="language" value="en"' in page


def test_no_language_of_ours_is_not_kept(olga: User) -> None:
    as_(olga).post("/language/setlang/", {"language": "tlh", "next": "/admin/account/"})
    assert spoken.of(User.objects.get(pk=olga.pk)) == ""


def test_english_is_a_choice_too(olga: User) -> None:
    spoken.choose(olga, "en", None)
    page = as_(olga).get("/admin/account/", HTTP_ACCEPT_LANGUAGE="es").content.decode()
    assert '<html lang="en"' in page


@pytest.fixture
def signed_in(api, fay: User):
    """Fay's app, with a token as the API gave it."""
    said = api.post("/api/v1/auth/login", {"email": fay.email, "password": PASSWORD}).json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {said['access_token']}")
    return api


def test_the_profile_keeps_it_and_the_api_answers_in_it_unless_asked_otherwise(signed_in) -> None:
    nowhere = "/api/v1/orders/0198c0de-7a11-7000-8000-000000000001"
    assert signed_in.get("/api/v1/users/me").json()["language"] == ""
    assert signed_in.patch("/api/v1/users/me", {"language": "es"}).json()["language"] == "es"
    stored = signed_in.get(nowhere)
    english = signed_in.get(nowhere, HTTP_ACCEPT_LANGUAGE="en")
    assert (stored["Content-Language"], english["Content-Language"]) == ("es", "en")
    assert stored.json()["error"]["message"] != english.json()["error"]["message"]
    assert stored.json()["error"]["code"] == english.json()["error"]["code"] == "not_found"


def test_a_language_that_we_do_not_speak_is_refused(signed_in, fay: User) -> None:
    assert signed_in.patch("/api/v1/users/me", {"language": "tlh"}).status_code == 422
    assert spoken.of(User.objects.get(pk=fay.pk)) == ""
