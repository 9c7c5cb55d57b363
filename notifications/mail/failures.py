"""What a mail server or provider may answer, as errors that say whether to try again.

For good is only what the recipient or the mail itself is refused for. What our own keys, domain or account are refused
for (401, "relaying denied", "sending paused") is said loudly and tried again: a wrong key must lose nothing.
"""

from __future__ import annotations

from smtplib import SMTPAuthenticationError, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

import structlog
from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused, AnymailUnsupportedFeature
from django.core.exceptions import ImproperlyConfigured

from notifications.errors import ChannelError

logger = structlog.get_logger(__name__)
#: Answers about who we are, whatever they are answered to (RFC 4954).
_SIGN_IN = frozenset({530, 534, 535, 538})
#: The class of enhanced status codes that speaks of policy: our domain's records, our right to send (RFC 3463).
_POLICY = "5.7."
_BUSY = 429


def of_server(failure: SMTPException | OSError) -> ChannelError:
    """By SMTP: 5xx to the recipient or the mail is for good, 4xx (greylisting, a full mailbox) is not (RFC 5321)."""
    if isinstance(failure, SMTPRecipientsRefused):
        answers = list(failure.recipients.values())
        said = "; ".join(f"{code} {_text(answer)}" for code, answer in answers)
        final = all(_is_final(code, _text(answer)) for code, answer in answers)
        return _told(f"recipient refused: {said}", final, loud=any(_is_ours(*answer) for answer in answers))
    if isinstance(failure, SMTPDataError):
        code, text = failure.smtp_code, _text(failure.smtp_error)
        return _told(f"mail refused: {code} {text}", _is_final(code, text), loud=code >= 500)
    loud = isinstance(failure, (SMTPAuthenticationError, SMTPSenderRefused))
    return _told(f"{type(failure).__name__}: {failure}", False, loud=loud)


def of_provider(failure: AnymailError | ImproperlyConfigured) -> ChannelError:
    """By a provider's API, as anymail tells it."""
    status = getattr(failure, "status_code", None)
    refused = isinstance(failure, (AnymailRecipientsRefused, AnymailInvalidAddress))
    unreachable = isinstance(failure, AnymailError) and (status is None or status == _BUSY or status >= 500)
    loud = not refused and (not unreachable or isinstance(failure, AnymailUnsupportedFeature))
    said = " ".join(str(failure).split())
    return _told(f"{type(failure).__name__}: {said}", refused, loud=loud, status=status)


def of_mistake(failure: ValueError) -> ChannelError:
    """A line break in an address, or what no mail can be addressed to."""
    return ChannelError(f"{type(failure).__name__}: {failure}", permanent=True)


def _is_final(code: int, text: str) -> bool:
    return code >= 500 and not _is_ours(code, text)


def _is_ours(code: int, text: bytes | str) -> bool:
    return code in _SIGN_IN or (code >= 500 and _text(text).startswith(_POLICY))


def _told(message: str, final: bool, *, loud: bool, status: int | None = None) -> ChannelError:
    if loud:
        # Never the message: it may name the recipient.
        logger.error("mail.we_are_refused", reason=message.partition(":")[0], status=status)
    return ChannelError(message, permanent=final)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
