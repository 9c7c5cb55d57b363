"""What people write to us: kept first, acted on once, answered in the same breath.

Twilio may deliver a message twice, also at once. Its id is unique: the first to take the row acts, whoever comes later
gets the answer that is kept. Nothing is done inside a transaction of ours, since a command may have its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from notifications.preferences.models import MessageSettings
from notifications.sms import commands, numbers, stopping, text
from notifications.sms.commands import Asked
from notifications.sms.models import InboundMessage
from notifications.sms.words import say
from trufan.lib.errors import DomainError, Malformed, Unavailable
from trufan.lib.throttling import counter

Meaning = InboundMessage.Meaning
#: Longer than any command takes: a lease that lapses means that its process is gone.
LEASE = timedelta(seconds=60)
#: How long the second of two deliveries waits for the first one's answer, and how often it looks.
PATIENCE, LOOK_EVERY = 8.0, 0.25
#: Answers have at most so many segments, and one sender gets so many in a day: two machines could talk for ever.
SEGMENTS, MOST_A_DAY = 2, 100
#: Twilio's own limit for a message; of anything longer the beginning is kept.
MOST_CHARACTERS = 1600
#: What the provider says that it did by itself.
_OPT_OUTS = frozenset({"STOP", "START", "HELP"})
log = structlog.get_logger(__name__)


def receive(form: Mapping[str, str], now: datetime) -> str:
    """Keep the message, do what it asks once, and answer; empty where nothing is to be said.

    Called outside of any transaction. Raises `Malformed` without the provider's id, `Unavailable` while another
    delivery of the same message takes long.
    """
    row = _keep(form, now)
    waited_until = time.monotonic() + PATIENCE
    while row.handled_at is None:
        if _take(row, timezone.now()):
            return _handle(row, timezone.now())
        if time.monotonic() > waited_until:
            raise Unavailable(gettext("This message is being answered. Ask again."))
        time.sleep(LOOK_EVERY)
        row.refresh_from_db()
    return row.answer


def _keep(form: Mapping[str, str], now: datetime) -> InboundMessage:
    sid = _plain(form.get("MessageSid", ""), 64)
    if not sid:
        raise Malformed(gettext("The message has no id."))
    sender, recipient = _plain(form.get("From", ""), 40), _plain(form.get("To", ""), 40)
    opt_out = form.get("OptOutType", "").upper()
    row = InboundMessage(
        sid=sid,
        sender=_number(sender) or sender,
        recipient=recipient,
        venue_id=numbers.venue_of(recipient),
        body=_plain(form.get("Body", ""), MOST_CHARACTERS),
        opt_out=opt_out if opt_out in _OPT_OUTS else "",
        created_at=now,
    )
    InboundMessage.objects.bulk_create([row], ignore_conflicts=True)
    return InboundMessage.objects.get(sid=sid)


def _take(row: InboundMessage, now: datetime) -> bool:
    free = Q(taken_until=None) | Q(taken_until__lte=now)
    rows = InboundMessage.objects.filter(free, pk=row.pk, handled_at=None)
    return bool(rows.update(taken_until=now + LEASE))


def _handle(row: InboundMessage, now: datetime) -> str:
    asked = _asked(row, now)
    if asked is None:
        return _done(row, now, Meaning.IGNORED)
    row.user = asked.user
    is_quiet = _is_too_much(row, now)
    if is_quiet and not (row.opt_out or stopping.opts_out(asked)):
        return _done(row, now, Meaning.IGNORED)
    meaning, word, answer = _act(row, asked)
    # Twilio has answered by itself where it says what it did.
    is_answered = bool(row.opt_out) or is_quiet
    return _done(row, now, meaning, word, "" if is_answered else answer)


def _asked(row: InboundMessage, now: datetime) -> Asked | None:
    """Who asks what; None for senders that no person is: short codes, names, nobody."""
    number = _number(row.sender)
    if not number or numbers.e164(row.recipient) == number:
        return None
    words = commands.words_of(row.body)
    user = get_user_model().objects.filter(phone=number, phone_verified_at__isnull=False, is_active=True).first()
    chosen = MessageSettings.objects.filter(user=user).values_list("language", flat=True).first() if user else ""
    language = stopping.language_of(words) or chosen or settings.LANGUAGE_CODE
    return Asked(number, row.venue_id, words, language, now, user)


def _act(row: InboundMessage, asked: Asked) -> tuple[str, str, str]:
    """What it meant, by which command, and the answer. What Twilio says that it did counts before the words."""
    if row.opt_out == "STOP" or (not row.opt_out and stopping.opts_out(asked)):
        return Meaning.STOP, "", stopping.stop(asked, row.body)
    if row.opt_out == "START" or (not row.opt_out and stopping.opts_in(asked)):
        return Meaning.START, "", stopping.start(asked, row.body)
    if row.opt_out == "HELP" or stopping.asks_for_help(asked):
        return Meaning.HELP, "", stopping.help_text(asked)
    found = commands.find(asked)
    if command := stopping.instead(asked):
        found = (command, stopping.rest(asked))
    if found is None:
        return Meaning.UNKNOWN, "", _unknown(asked)
    command, asked = found
    return Meaning.COMMAND, command.word, _run(command, asked)


def _run(command: commands.Command, asked: Asked) -> str:
    """A refusal is said in its words; a mistake of ours is logged, and said to be one."""
    try:
        return command.handler(asked)
    except DomainError as refusal:
        return " ".join(dict.fromkeys([refusal.message, *(each.message for each in refusal.details[:1])]))
    except Exception:
        log.exception("sms.command_failed", command=command.word)
        return say("broken", asked.language)


def _unknown(asked: Asked) -> str:
    listed = commands.summary(asked.language)
    return say("unknown", asked.language, commands=listed) if listed else say("unknown_bare", asked.language)


def _is_too_much(row: InboundMessage, now: datetime) -> bool:
    per_minute = settings.SMS_COMMANDS_PER_MINUTE
    if per_minute > 0 and counter().hit(f"sms:{row.sender}", per_minute, per_minute).limited:
        return True
    lately = InboundMessage.objects.filter(sender=row.sender, created_at__gt=now - timedelta(days=1))
    return lately.exclude(answer="").count() >= MOST_A_DAY


def _done(row: InboundMessage, now: datetime, meaning: str, word: str = "", answer: str = "") -> str:
    said = text.fit(text.clean(answer), SEGMENTS)
    changes: dict[str, Any] = {
        "meaning": meaning,
        "word": word,
        "answer": said,
        "segments": text.measure(said).segments if said else 0,
        "handled_at": now,
        "taken_until": None,
        "user": row.user,
    }
    InboundMessage.objects.filter(pk=row.pk).update(**changes)
    return said


def _number(given: str) -> str:
    """Nothing for names and short codes, which `e164` would not take for numbers either without their plus."""
    return numbers.e164(given) if given.startswith("+") else ""


def _plain(given: str, longest: int) -> str:
    """What a text column takes."""
    return given.replace("\x00", "").strip()[:longest]
