"""E-mail through Django's mail back end: a mail server or a provider in production, the console on a laptop."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from notifications.errors import ChannelError
from notifications.mail import composing, failures
from notifications.models import Notification
from notifications.templating import Words
from trufan.lib import providers

_REFUSALS = (SMTPRecipientsRefused, SMTPDataError, AnymailRecipientsRefused, AnymailInvalidAddress, ValueError)


class Email:
    def send(self, row: Notification, words: Words) -> str:
        """The provider's id, or by SMTP the `Message-ID`, which is the row's own and the same at each attempt."""
        _check(row.recipient)
        message = composing.compose(row, words)
        try:
            with providers.calling("mail", "send", refusal=_is_refusal):
                taken = message.send()
        except (AnymailError, ImproperlyConfigured) as failure:
            raise failures.of_provider(failure) from failure
        except (SMTPException, OSError) as failure:
            raise failures.of_server(failure) from failure
        except ValueError as failure:
            raise failures.of_mistake(failure) from failure
        if not taken:
            raise ChannelError("there was no address to send to", permanent=True)
        return _provider_id(message) or composing.message_id(row)


def _is_refusal(problem: Exception) -> bool:
    """An answer about this mail, rather than about us or the provider itself."""
    return isinstance(problem, _REFUSALS)


def _check(address: str) -> None:
    """Raises `ChannelError` unless it is one address that any server takes.

    Anymail takes a line break for a second recipient, and Django writes a local part that is not ASCII as an encoded
    word, which is another address.
    """
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise ChannelError("this is no e-mail address", permanent=True) from wrong


def _provider_id(message: AnymailMessage) -> str:
    """What the provider calls the mail; empty by SMTP. Raises `ChannelError` when it says that it failed to send."""
    status = message.anymail_status
    if status.status and status.status <= {"failed"}:
        raise ChannelError("the provider could not send it", permanent=False)
    return status.message_id if isinstance(status.message_id, str) else ""
