"""E-mail through a real SMTP server on loopback."""

import socket
import threading
from datetime import timedelta

import pytest

from notifications.delivery import deliver
from notifications.models import Notification
from notifications.outbox import send
from notifications.tests.conftest import Mailbox

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


def test_html_is_made_of_the_text(mailbox):
    say(template="plain", name="Fay")
    assert "Only text, Fay</p>" in mailbox.mails[0].get_body("html").get_content()


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


def test_a_message_refused_for_what_it_says_is_given_up_but_not_one_refused_for_who_we_are(mailbox, caplog):
    mailbox.at_the_end = ["554 5.6.0 malformed", "550 5.7.26 unauthenticated mail from your domain", "452 4.3.1 full"]
    assert say().status == "failed"
    ours = say("gus@example.com")
    assert (ours.status, "mail.we_are_refused" in caplog.text) == ("pending", True)
    assert say("olga@example.com").status == "pending"
    assert deliver(ours.pk, ours.next_attempt_at).status == "sent"
    assert [mail["To"] for mail in mailbox.mails] == ["gus@example.com"]


def test_a_server_that_does_not_let_us_relay_is_tried_again(mailbox, caplog):
    mailbox.answers["fay@example.com"] = "550 5.7.1 relaying denied"
    row = say()
    assert (row.status, row.attempts) == ("pending", 1)
    assert "mail.we_are_refused" in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("notifications")]
    assert ours
    assert "fay@example.com" not in str(ours)


def test_a_server_that_took_the_mail_and_hung_up_gets_it_twice_with_the_same_id(mailbox):
    mailbox.at_the_end = [Mailbox.HANG_UP]
    row = say()
    assert (row.status, row.attempts) == ("pending", 1)
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    assert [mail["Message-ID"] for mail in mailbox.mails] == [f"<{row.pk}@localhost>"] * 2


def test_other_alphabets_reach_their_domain_and_keep_their_name(mailbox, venue):
    venue.name, venue.contact_email = "Зал “Сад”, Київ", "box@garden.example"
    venue.save()
    row = send("greeting", "fay@bücher.example", context={"name": "李雷"}, venue_id=venue.pk)
    deliver(row.pk, row.next_attempt_at)
    (mail,) = mailbox.mails
    assert mail["To"] == "fay@xn--bcher-kva.example"
    (answer_to,) = mail["Reply-To"].addresses
    assert (answer_to.display_name, answer_to.addr_spec) == (venue.name, "box@garden.example")
    assert mail["Subject"] == "Hello 李雷"


@pytest.mark.parametrize("contact", ["", "box@garden.example"])
def test_answers_go_to_the_venue_where_it_has_an_address(mailbox, venue, contact):
    venue.contact_email, venue.name = contact, "Arena\r\nBcc: stan@example.com"
    venue.save()
    row = send("greeting", "fay@example.com", venue_id=venue.pk)
    deliver(row.pk, row.next_attempt_at)
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Reply-To"] == (f'"Arena Bcc: stan@example.com" <{contact}>' if contact else None)
