"""E-mail through a provider's API: the real back ends of anymail against a stand-in on loopback."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest

from notifications.delivery import PAUSES, deliver
from notifications.mail import providers
from notifications.models import Notification
from notifications.outbox import send
from notifications.tests.providers import MailProvider, mail_provider

pytestmark = pytest.mark.django_db


def speak_to(name: str, keys: dict[str, str], settings) -> None:
    settings.EMAIL_PROVIDER = name
    settings.EMAIL_BACKEND = providers.backend(name)
    settings.ANYMAIL = {**settings.ANYMAIL, **keys}
    settings.DEFAULT_FROM_EMAIL = "TruFan <tickets@trufan.example>"


@pytest.fixture
def postmark(settings) -> Iterator[MailProvider]:
    with mail_provider() as stand_in:
        speak_to("postmark", {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": stand_in.url}, settings)
        yield stand_in


def say(to: str = "fay@example.com", **context: str) -> Notification:
    row = send("greeting", to, context=context)
    return deliver(row.pk, row.next_attempt_at)


def again(row: Notification) -> Notification:
    return deliver(row.pk, row.next_attempt_at)


def test_a_mail_goes_out_with_all_that_belongs_to_it(postmark, venue):
    venue.contact_email = "box@garden.example"
    venue.name = "Gärden, “Arena”\r\nBcc: stan@example.com"
    venue.save()
    row = send("greeting", "fay@example.com", context={"name": "Zoë", "link": "https://x.example"}, venue_id=venue.pk)
    row = deliver(row.pk, row.next_attempt_at)
    (mail,), (headers,) = postmark.mails, postmark.headers
    assert headers["X-Postmark-Server-Token"] == "token"
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "fay@example.com",
        "TruFan <tickets@trufan.example>",
        "Hello Zoë",
    )
    assert "Hello Zoë" in mail["TextBody"]
    assert "Hello Zoë</h1>" in mail["HtmlBody"]
    assert mail["ReplyTo"].endswith("<box@garden.example>")
    assert "Bcc" not in {header["Name"] for header in mail["Headers"]}
    assert {"Name": "Message-ID", "Value": f"<{row.pk}@trufan.example>"} in mail["Headers"]
    assert {"Name": "X-PM-KeepID", "Value": "true"} in mail["Headers"]
    assert mail["Metadata"] == {"notification": str(row.pk)}
    assert (row.status, row.provider_id) == ("sent", "pm-1")


@pytest.mark.parametrize(
    "answer",
    [(429, {}), (500, {}), (503, {"Message": "maintenance"}), "hang", "drop", (200, {"unexpected": True})],
    ids=str,
)
def test_a_provider_that_is_busy_or_broken_is_tried_again_and_takes_it_once(postmark, settings, answer, caplog):
    settings.ANYMAIL = {**settings.ANYMAIL, "REQUESTS_TIMEOUT": 0.2}
    postmark.answers = [answer]
    row = say()
    assert (row.status, row.attempts, postmark.mails) == ("pending", 1, [])
    assert again(row).status == "sent"
    assert len(postmark.mails) == 1
    assert "fay@example.com" not in caplog.text


def test_a_provider_that_is_not_there_is_tried_again(postmark, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": "http://127.0.0.1:1/"}
    assert (say().status, postmark.mails) == ("pending", [])


def test_a_provider_that_took_it_and_hung_up_gets_it_twice_with_the_same_id(postmark):
    postmark.answers = ["take and drop"]
    row = say()
    assert row.status == "pending"
    assert again(row).status == "sent"
    ids = [header["Value"] for mail in postmark.mails for header in mail["Headers"] if header["Name"] == "Message-ID"]
    assert (len(ids), len(set(ids))) == (2, 1)


def test_resend_is_told_by_a_key_that_the_second_is_the_first(settings):
    with mail_provider() as resend:
        speak_to("resend", {"RESEND_API_KEY": "key", "RESEND_API_URL": resend.url}, settings)
        resend.answers = ["take and drop"]
        row = again(say())
        assert row.status == "sent"
        assert [headers["Idempotency-Key"] for headers in resend.headers] == [f"<{row.pk}@trufan.example>"] * 2
        assert resend.mails[0] == resend.mails[1]


@pytest.mark.parametrize(
    "answer",
    [
        (422, {"ErrorCode": 406, "Message": "You tried to send to recipient(s) that have been marked as inactive.\n"
               "Found inactive addresses: fay@example.com.\nInactive recipients are ones that have generated a hard "
               "bounce, a spam complaint, or a manual suppression."}),
        (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'fay@example.com'."}),
    ],
    ids=["inactive", "invalid"],
)  # fmt: skip
def test_a_recipient_that_the_provider_refuses_is_given_up(postmark, answer):
    postmark.answers = [answer]
    row = say()
    assert (row.status, row.attempts) == ("failed", 1)
    assert "Refused" in row.error


@pytest.mark.parametrize("status", [401, 403, 422])
def test_a_wrong_key_loses_nothing_and_is_said_loudly(postmark, status, caplog):
    postmark.answers = [(status, {"ErrorCode": 10, "Message": "Bad or missing token"})] * 2
    row = say()
    assert (row.status, row.attempts) == ("pending", 1)
    assert "mail.we_are_refused" in caplog.text
    row = again(row)
    assert row.next_attempt_at > PAUSES[1] + (row.created_at + timedelta(0))
    assert again(row).status == "sent"


def test_a_key_that_is_missing_loses_nothing_and_is_said_loudly(postmark, settings, caplog):
    del settings.ANYMAIL["POSTMARK_SERVER_TOKEN"]
    row = say()
    assert row.status == "pending"
    assert "mail.we_are_refused" in caplog.text
    assert "POSTMARK_SERVER_TOKEN" in row.error


@pytest.mark.parametrize("to", ["fay@example.com\nBcc: stan@example.com", "", "no address", "jörg@example.com"])
def test_what_is_no_address_is_given_up(postmark, to):
    assert say(to).status == "failed"
    assert postmark.mails == []


def test_an_address_of_another_alphabet_reaches_its_domain(postmark):
    assert say("fay@bücher.example").status == "sent"
    assert postmark.mails[0]["To"] == "fay@xn--bcher-kva.example"


def test_files_go_with_it(postmark, make_files):
    make_files(lambda key: [("täglich.pdf", b"%PDF-" + key.encode(), "application/pdf")])
    row = send("greeting", "fay@example.com")
    Notification.objects.filter(pk=row.pk).update(attachments=[["probe", "7"]])
    deliver(row.pk, row.next_attempt_at)
    (file,) = postmark.mails[0]["Attachments"]
    assert (file["Name"], file["ContentType"]) == ("täglich.pdf", "application/pdf")
    assert base64.b64decode(file["Content"]) == b"%PDF-7"


@pytest.mark.parametrize("name", [name for name in providers.names() if name not in {"amazon_ses", "mandrill"}])
def test_every_provider_that_may_be_named_is_there(name):
    from django.utils.module_loading import import_string

    assert import_string(providers.backend(name))
    if providers.has_webhook(name):
        assert import_string(providers.webhook(name)).esp_name


def test_the_keys_of_a_provider_come_from_the_variables_that_begin_with_its_name():
    environment = {
        "POSTMARK_SERVER_TOKEN": "abc",
        "POSTMARK_USE_BULK_API": "false",
        "MAILGUN_API_KEY": "other",
        "AMAZON_SES_CLIENT_PARAMS": '{"region_name": "eu-west-1"}',
    }
    assert providers.anymail_settings("postmark", environment) == {
        "POSTMARK_SERVER_TOKEN": "abc",
        "POSTMARK_USE_BULK_API": False,
    }
    assert providers.anymail_settings("amazon_ses", environment) == {
        "AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"}
    }
    assert providers.anymail_settings("", environment) == {}
