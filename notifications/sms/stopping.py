"""STOP, START and HELP: what carriers and the law ask of whoever sends messages (docs/adr/0013-stop-by-sms.md)."""

from __future__ import annotations

from django.db import transaction

from notifications.preferences.models import Consent
from notifications.refusals import suppressing
from notifications.refusals.models import Suppression
from notifications.sms import commands
from notifications.sms.commands import Asked, Command
from notifications.sms.words import say

#: The word → the language of who writes it; empty: nothing is known by it.
STOP = {
    **dict.fromkeys(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"], ""),
    **dict.fromkeys(["PARAR", "ALTO", "BAJA"], "es"),
}
#: With more words after them these are still an opt-out (“stop texting me”); the others may begin anything.
STOP_WHATEVER_FOLLOWS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "PARAR", "BAJA"})
START = {"START": "", "UNSTOP": "", "ALTA": "es"}
#: Also means yes to anything else, and is an opt-in only from who is stopped.
YES = {"YES": "", "SI": "es", "SÍ": "es"}
HELP = {"HELP": "", "INFO": "", "AYUDA": "es"}


def opts_out(asked: Asked) -> bool:
    """Whether the words ask for no more messages. In doubt they do, unless a command of ours claims them."""
    if not asked.words or asked.words[0] not in STOP:
        return False
    return len(asked.words) == 1 or (asked.words[0] in STOP_WHATEVER_FOLLOWS and instead(asked) is None)


def instead(asked: Asked) -> Command | None:
    """The command that a sentence beginning with a word of STOP means."""
    if not asked.words or asked.words[0] not in STOP:
        return None
    return commands.meant_instead(rest(asked))


def rest(asked: Asked) -> Asked:
    """What follows the first word."""
    return Asked(asked.number, asked.venue_id, asked.words[1:], asked.language, asked.now, asked.user)


def opts_in(asked: Asked) -> bool:
    """Whether the words ask for messages again."""
    if len(asked.words) != 1:
        return False
    return asked.words[0] in START or (asked.words[0] in YES and is_stopped(asked.number))


def asks_for_help(asked: Asked) -> bool:
    return len(asked.words) == 1 and asked.words[0] in HELP


def language_of(words: tuple[str, ...]) -> str:
    """The language of who begins so; empty where it tells nothing."""
    return {**STOP, **START, **YES, **HELP}.get(words[0], "") if words else ""


def is_stopped(number: str) -> bool:
    return Suppression.objects.filter(channel="sms", address=suppressing.normal(number), kind="").exists()


def stop(asked: Asked, words: str) -> str:
    """No more messages to this number; the one confirmation, with what goes on all the same."""
    with transaction.atomic():
        # A dead number that writes is alive, and says no: that is the reason from now on.
        suppressing.lift("sms", asked.number, kind="")
        suppressing.suppress("sms", asked.number, Suppression.Reason.STOPPED, detail=words)
        _consent(asked, words, wanted=False)
    return " ".join(filter(None, (say("stopped", asked.language), commands.after_stop(asked))))


def start(asked: Asked, words: str) -> str:
    """Messages again. What the person chose by kind stays as it was."""
    with transaction.atomic():
        suppressing.lift("sms", asked.number, kind="")
        _consent(asked, words, wanted=True)
    return say("started", asked.language)


def help_text(asked: Asked) -> str:
    listed = commands.summary(asked.language)
    return say("help", asked.language, commands=listed) if listed else say("help_bare", asked.language)


def _consent(asked: Asked, words: str, *, wanted: bool) -> None:
    Consent.objects.create(
        user=asked.user,
        channel="sms",
        address=asked.number,
        wanted=wanted,
        source=Consent.Source.SMS,
        words=words,
        created_at=asked.now,
    )
