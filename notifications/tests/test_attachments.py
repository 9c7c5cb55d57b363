"""Files are made when the mail leaves; one that can't be made does not lose the mail."""

from __future__ import annotations

import pytest

from notifications import attachments
from notifications.attachments import PATIENCE
from notifications.delivery import deliver
from notifications.models import Notification
from notifications.outbox import notify, send

pytestmark = pytest.mark.django_db


def row_with(*pairs: tuple[str, str], **fields: str) -> Notification:
    row = send("greeting", "fay@example.com", context={"name": "Fay"}, **fields)
    Notification.objects.filter(pk=row.pk).update(attachments=[list(pair) for pair in pairs])
    return row


def files_of(mail) -> dict[str, bytes]:
    return {part.get_filename(): part.get_content() for part in mail.iter_attachments()}


def test_what_is_made_is_attached_in_order(mailbox, make_files):
    made = {"1": [("a.bin", b"one", "application/octet-stream"), ("b.txt", "zwölf".encode(), "text/plain")], "2": []}
    make_files(lambda key: made[key])
    row = row_with(("probe", "1"), ("probe", "2"))
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    assert files_of(mailbox.mails[0]) == {"a.bin": b"one", "b.txt": "zwölf"}
    assert mailbox.mails[0].get_body("plain").get_content().startswith("Hello Fay")


def test_who_is_told_by_mail_and_otherwise_gets_the_files_by_mail(mailbox, make_files, fay):
    make_files(lambda key: [(f"{key}.bin", b"x", "application/octet-stream")])
    row = notify("greeting", user=fay, context={"name": "Fay"}, attachments=[("probe", "7")])
    deliver(row.pk, row.next_attempt_at)
    assert files_of(mailbox.mails[0]) == {"7.bin": b"x"}


@pytest.mark.parametrize("language", ["", "es"])
def test_a_maker_that_fails_holds_the_mail_back_and_then_it_goes_without_and_says_so(
    mailbox, make_files, language, caplog
):
    def fail(key: str) -> list[attachments.File]:
        raise RuntimeError("no paper")

    make_files(fail)
    row = row_with(("probe", "1"), language=language)
    for attempt in range(1, PATIENCE + 1):
        row = deliver(row.pk, row.next_attempt_at)
        assert (row.status, row.attempts, mailbox.mails) == ("pending", attempt, [])
        assert "no paper" in row.error
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    (mail,) = mailbox.mails
    note = "No se pudo adjuntar" if language else "could not be attached"
    assert note in mail.get_body("plain").get_content()
    assert note in mail.get_body("html").get_content()
    assert "attachment.failed" in caplog.text


def test_a_maker_that_recovers_in_time_loses_nothing(mailbox, make_files):
    answers = [RuntimeError("no paper"), [("a.bin", b"one", "application/octet-stream")]]

    def make(key: str) -> list[attachments.File]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    make_files(make)
    row = row_with(("probe", "1"))
    row = deliver(row.pk, row.next_attempt_at)
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    assert files_of(mailbox.mails[0]) == {"a.bin": b"one"}
    assert "could not be attached" not in mailbox.mails[0].get_body("plain").get_content()


def test_what_is_too_large_is_left_out_and_the_mail_says_so(mailbox, make_files, settings, caplog):
    settings.EMAIL_ATTACHMENT_BYTES = 10
    kind = "application/octet-stream"
    make_files(lambda key: [("a", b"1" * 6, kind), ("b", b"2" * 6, kind), ("c", b"3" * 4, kind)])
    row = row_with(("probe", "1"))
    deliver(row.pk, row.next_attempt_at)
    (mail,) = mailbox.mails
    assert sorted(files_of(mail)) == ["a", "c"]
    assert "could not be attached" in mail.get_body("plain").get_content()
    assert "attachment.too_large" in caplog.text


def test_a_name_is_taken_once(make_files):
    def maker(key: str) -> list[attachments.File]:
        return []

    make_files(maker)
    attachments.register("probe", maker)
    with pytest.raises(ValueError, match="probe"):
        attachments.register("probe", lambda key: [])
