"""E-mail through a real SMTP server on loopback."""

import socket
import threading
from datetime import timedelta

import pytest

from notifications.delivery import deliver
from notifications.models import Notification
from notifications.outbox import send

pytestmark = pytest.mark.django_db


def say(to: str = "fay@example.com", template: str = "greeting", **context: str) -> Notification:
    row = send(template, to, context=context)
    return deliver(row.pk, row.next_attempt_at)


def test_a_mail_arrives_in_text_and_html(mailbox, settings):
    settings.DEFAULT_FROM_EMAIL = "TruFan <tickets@trufan.example>"
    row = say(name="Zoë <b>", link="https://trufan.example/reset?a=1&b=2")
    (mail,) = mailbox.mails
    assert (mail["To"], mail["From"]) == ("fay@example.com", "TruFan <tickets@trufan.example>")
    assert mail["Subject"] == "Hello Zoë <b>"
    assert mail["Message-ID"] == f"<{row.pk}@trufan.example>" == row.provider_id
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body("plain").get_content()
    assert "Hello Zoë <b>," in text
    assert "https://trufan.example/reset?a=1&b=2" in text
    html = mail.get_body("html").get_content()
    assert "Hello Zoë &lt;b&gt;</h1>" in html
    assert 'href="https://trufan.example/reset?a=1&amp;b=2"' in html


def test_a_mail_without_html_is_text_alone(mailbox):
    say(template="plain", name="Fay")
    assert mailbox.mails[0].get_content_type() == "text/plain"


def test_a_mail_said_again_after_a_crash_has_the_same_id(mailbox):
    row = say()
    Notification.objects.filter(pk=row.pk).update(status="sending")
    deliver(row.pk, row.next_attempt_at + timedelta(days=1))
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1
    assert len(mailbox.mails) == 2


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "553 not a name here"])
def test_a_recipient_that_does_not_exist_is_given_up(mailbox, answer):
    mailbox.answers["gone@example.com"] = answer
    row = say("gone@example.com")
    assert (row.status, row.attempts) == ("failed", 1)
    assert answer.split(" ", 1)[1] in row.error


@pytest.mark.parametrize("answer", ["421 busy, closing", "450 greylisted", "452 mailbox full"])
def test_a_server_that_is_busy_is_tried_again(mailbox, answer):
    mailbox.answers["fay@example.com"] = answer
    row = say()
    assert (row.status, row.attempts) == ("pending", 1)
    mailbox.answers.clear()
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    assert len(mailbox.mails) == 1


def test_a_server_that_is_not_there_is_tried_again(mailbox, settings):
    settings.EMAIL_PORT = 1
    assert say().status == "pending"


def test_a_server_that_never_answers_does_not_hold_the_worker(mailbox, settings):
    settings.EMAIL_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        row = say()
    assert (row.status, row.attempts) == ("pending", 1)
    assert "imed" in row.error


def test_a_server_that_hangs_up_is_tried_again(mailbox, settings):
    with socket.create_server(("127.0.0.1", 0)) as rude:
        threading.Thread(target=lambda: rude.accept()[0].close(), daemon=True).start()
        settings.EMAIL_PORT = rude.getsockname()[1]
        assert say().status == "pending"


@pytest.mark.parametrize("to", ["fay@example.com\nBcc: stan@example.com", ""])
def test_what_is_no_address_is_given_up(mailbox, to):
    assert say(to).status == "failed"
    assert mailbox.mails == []


def test_a_name_with_line_breaks_adds_no_header(mailbox):
    say(name="Fay\r\nBcc: stan@example.com\u2028X-Evil: 1\x07")
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["Subject"] == "Hello Fay Bcc: stan@example.com X-Evil: 1"
