"""E-mail through Django's mail back end: SMTP in production, the console on a laptop."""

from __future__ import annotations

from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from notifications.errors import ChannelError
from notifications.templating import Words


class Email:
    def send(self, notification_id: UUID, recipient: str, words: Words) -> str:
        """The `Message-ID` is made from the row's id: a mail sent twice after a crash is recognised as one."""
        message_id = f"<{notification_id}@{_domain()}>"
        headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
        message = EmailMultiAlternatives(words.subject, words.text, to=[recipient], headers=headers)
        if words.html:
            message.attach_alternative(words.html, "text/html")
        try:
            taken = message.send()
        except SMTPRecipientsRefused as refusal:
            raise _refused(refusal) from refusal
        except (SMTPException, OSError) as failure:
            raise ChannelError(f"{type(failure).__name__}: {failure}", permanent=False) from failure
        except ValueError as failure:
            # A line break in the address, or one that no mail can be addressed to.
            raise ChannelError(f"{type(failure).__name__}: {failure}", permanent=True) from failure
        if not taken:
            raise ChannelError("there was no address to send to", permanent=True)
        return message_id


def _refused(refusal: SMTPRecipientsRefused) -> ChannelError:
    """5xx means no such person and never will be; 4xx (greylisting, a full mailbox) means not now (RFC 5321, 4.2.1)."""
    answers = list(refusal.recipients.values())
    said = "; ".join(f"{code} {_text(answer)}" for code, answer in answers)
    return ChannelError(f"recipient refused: {said}", permanent=all(code >= 500 for code, _ in answers))


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
