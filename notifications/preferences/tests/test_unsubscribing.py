"""One click in the mail program, or the link in the mail, ends mails of a kind (RFC 8058)."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from notifications import delivery
from notifications.models import Consent, Notification, Preference, Suppression
from notifications.outbox import notify, send
from notifications.preferences import unsubscribing
from notifications.refusals import suppressing

pytestmark = pytest.mark.django_db
CONTEXT = {"venue": "Garden Arena", "number": "A-1", "name": "Fay"}
GUEST = "guest@example.org"


@pytest.fixture(autouse=True)
def public(settings):
    settings.PUBLIC_URL = "https://tickets.example"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def browser():
    """Nobody's, and one that insists on CSRF tokens where they are asked for."""
    return Client(enforce_csrf_checks=True)


def sent(row):
    delivery.deliver(row.pk, timezone.now())
    return mail.outbox[-1]


def path_of(row):
    return unsubscribing.link(row).removeprefix("https://tickets.example")


def mail_to(user=None, address="", template="fulfilment_ready", language=""):
    return Notification.objects.create(
        template=template,
        recipient=address or user.email,
        user=user,
        language=language,
        context=CONTEXT,
        next_attempt_at=timezone.now(),
    )


def test_a_mail_that_can_be_left_out_carries_the_headers_and_the_link(fay):
    row = mail_to(fay)
    written = sent(row)
    link = unsubscribing.link(row)
    assert written.extra_headers["List-Unsubscribe"] == f"<{link}>"
    assert written.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert written.body.rstrip().endswith(f"No more e-mails of this kind: {link}")
    html = written.alternatives[0][0]
    assert f'<a href="{link}"' in html
    assert "No more e-mails of this kind</a>" in html
    assert fay.email not in link


def test_the_link_speaks_the_language_of_the_mail(fay):
    written = sent(mail_to(fay, language="es"))
    assert "No recibir más correos de este tipo: https://" in written.body
    assert "No recibir más correos de este tipo</a>" in written.alternatives[0][0]


def test_a_mail_about_money_has_neither(fay):
    row = mail_to(fay, template="order_refunded")
    written = sent(row)
    assert "List-Unsubscribe" not in written.extra_headers
    assert "unsubscribe" not in written.body
    assert unsubscribing.link(row) == ""


def test_without_https_there_is_a_link_but_no_one_click(fay, settings):
    settings.PUBLIC_URL = "http://localhost:8000"
    assert list(unsubscribing.headers(mail_to(fay))) == ["List-Unsubscribe"]


def test_one_click_ends_it_for_an_account(fay, browser):
    row = mail_to(fay)
    for _ in range(2):
        answer = browser.post(path_of(row), {"List-Unsubscribe": "One-Click"}, REMOTE_ADDR="203.0.113.9")
        assert answer.status_code == 200
    assert Preference.objects.get().wanted is False
    consent = Consent.objects.get()
    assert (consent.user, consent.kind, consent.channel, consent.wanted) == (fay, "food", "email", False)
    assert (consent.source, consent.ip_address) == ("one_click", "203.0.113.9")


def test_one_click_as_mail_programs_send_it(fay, browser):
    for kind in ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8"):
        body = "List-Unsubscribe=One-Click"
        answer = browser.generic("POST", path_of(mail_to(fay)), body, content_type=kind, HTTP_ACCEPT="application/pdf")
        assert answer.status_code == 200
    assert Consent.objects.get().source == "one_click"


def test_a_guest_is_written_to_no_more_of_this_kind(browser):
    row = mail_to(address=GUEST)
    assert browser.post(path_of(row)).status_code == 200
    assert browser.post(path_of(row)).status_code == 200
    stop = Suppression.objects.get()
    assert (stop.address, stop.kind, stop.reason) == (GUEST, "food", "unsubscribed")
    consent = Consent.objects.get()
    assert (consent.user, consent.address, consent.source, consent.wanted) == (None, GUEST, "link", False)
    assert delivery.deliver(row.pk, timezone.now()).status == "withheld"
    told = notify("order_refunded", email=GUEST, context=CONTEXT)
    assert delivery.deliver(told.pk, timezone.now()).status == "sent"


def test_looking_changes_nothing_and_shows_one_button(fay, browser):
    for row in (mail_to(fay), mail_to(address=GUEST)):
        answer = browser.get(path_of(row))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/html; charset=utf-8"
        assert "form-action 'self'" in answer["Content-Security-Policy"]
        page = answer.content.decode()
        assert re.findall(r"<button[^>]*>([^<]*)</button>", page) == ["Unsubscribe"]
        assert "Food and merchandise" in page
    assert not (Preference.objects.exists() or Suppression.objects.exists() or Consent.objects.exists())


@pytest.mark.parametrize("guest", [False, True])
def test_undo(fay, browser, guest):
    row = mail_to(address=GUEST) if guest else mail_to(fay)
    page = browser.post(path_of(row)).content.decode()
    assert "You are unsubscribed" in page
    assert "Undo" in page
    page = browser.post(path_of(row), {"undo": "1"}).content.decode()
    assert ">Unsubscribe<" in page
    assert list(Consent.objects.order_by("created_at").values_list("wanted", flat=True)) == [False, True]
    assert delivery.deliver(row.pk, timezone.now()).status == "sent"


def test_undo_does_not_lift_what_somebody_else_stopped(browser):
    row = mail_to(address=GUEST)
    suppressing.suppress("email", GUEST, "by_staff", kind="food")
    suppressing.suppress("email", GUEST, "complained")
    browser.post(path_of(row), {"undo": "1"})
    assert Suppression.objects.count() == 2
    assert not Consent.objects.exists()


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_speaks_the_persons_language(fay, browser, language):
    row = mail_to(fay)
    page = browser.get(path_of(row), HTTP_ACCEPT_LANGUAGE=f"{language}-MX, {language};q=0.9")
    words = {"es": "Comida y tienda", "en": "Food and merchandise"}[language]
    assert page["Content-Language"] == language
    assert words in page.content.decode()


def test_a_link_that_is_not_ours_leads_to_a_page_that_says_so(fay, browser):
    path = path_of(mail_to(fay))
    for wrong in (path[:-1], "/api/v1/unsubscribe/x", "/api/v1/unsubscribe/a:b:c"):
        for ask in (browser.get, browser.post):
            answer = ask(wrong)
            assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
            assert "leads nowhere" in answer.content.decode()
    assert not Preference.objects.exists()


def test_the_link_of_somebody_who_is_gone_leads_nowhere(fay, browser):
    row = mail_to(fay)
    fay.is_active = False
    fay.save()
    assert browser.post(path_of(row)).status_code == 404


def test_the_link_outlives_a_change_of_the_key(fay, browser, settings):
    path = path_of(mail_to(fay))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another-key-of-fifty-letters-at-the-very-least",
    )
    assert browser.get(path).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get(path).status_code == 404


def test_who_left_the_staff_still_ends_its_mails(olga, browser):
    row = mail_to(olga, template="low_stock")
    olga.venue_staff.all().delete()
    assert "You are unsubscribed" in browser.post(path_of(row)).content.decode()


def test_a_mail_that_waits_is_not_sent_after_the_click(fay, browser):
    row = mail_to(fay)
    browser.post(path_of(row))
    row = delivery.deliver(row.pk, timezone.now())
    assert (row.status, row.error) == ("withheld", "they unsubscribed from mails of this kind")
    assert mail.outbox == []


def test_codes_and_links_come_all_the_same(fay, browser):
    Preference.objects.create(user=fay, kind="account", channel="email", wanted=False)
    row = send("password_changed", fay.email, context={"first_name": "Fay"}, user=fay)
    assert delivery.deliver(row.pk, timezone.now()).status == "sent"
