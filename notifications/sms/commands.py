"""Words that do something when they are sent to a number of ours. Apps above register theirs in `AppConfig.ready()`.

A number can be forged: whoever writes may not be who they seem. The answer goes to the true owner of the number all the
same. So no command may cost money or hand anything over by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.conf import settings


@dataclass(frozen=True)
class Asked:
    """What somebody wrote. `venue_id`: whose number it was written to, if a venue's. `words`: after the command.

    `user`: the account that has proven this number, if any. `language`: the one to answer in.
    """

    number: str
    venue_id: UUID | None
    words: tuple[str, ...]
    language: str
    now: datetime
    user: Any = None


#: Answers in at most two segments, in `asked.language`. May raise a `DomainError`, whose message is the answer then.
Handler = Callable[[Asked], str]


@dataclass(frozen=True)
class Command:
    """`help`: language → one short line. `also`: other spellings, and the language of those who use them."""

    word: str
    handler: Handler
    help: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instead:
    """What a sentence that begins like an opt-out may mean otherwise (`STOP PARKING`): where `claims` says so.

    `about`: what is added to the confirmation of a bare STOP; nothing where there is nothing to say.
    """

    command: str
    claims: Callable[[Asked], bool]
    about: Callable[[Asked], str]


_commands: dict[str, Command] = {}
_spellings: dict[str, tuple[str, str]] = {}
_instead: dict[str, Instead] = {}
Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)
#: Nobody commands in more words than these.
MOST_WORDS = 20
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def register(word: str, handler: Handler, help: Mapping[str, str], also: Mapping[str, str] | None = None) -> None:
    """Add a command. Raises `ValueError` where another has the word, or a language is missing its help."""
    missing = {code for code, _ in settings.LANGUAGES} - help.keys()
    if missing:
        raise ValueError(f"{word}: no help in {', '.join(sorted(missing))}")
    spellings = {word: "", **(also or {})}
    for each in spellings:
        if _spellings.get(each, (word, ""))[0] != word:
            raise ValueError(f"another command is written {each}")
    _commands[word] = Command(word, handler, help, also or {})
    _spellings.update({each: (word, language) for each, language in spellings.items()})


def register_instead(command: str, claims: Callable[[Asked], bool], about: Callable[[Asked], str]) -> None:
    """Let some sentences that begin with STOP mean that command."""
    _instead[command] = Instead(command, claims, about)


def find(asked: Asked) -> tuple[Command, Asked] | None:
    """The command that the words begin with, and the rest of them, in the language of who writes so."""
    if not asked.words or asked.words[0] not in _spellings:
        return None
    word, language = _spellings[asked.words[0]]
    return _commands[word], replace(asked, words=asked.words[1:], language=language or asked.language)


def meant_instead(asked: Asked) -> Command | None:
    """What words after a STOP mean, if not an opt-out; `asked.words` are those after it."""
    if not asked.words:
        return None
    for each in _instead.values():
        if _unless_broken(each.claims, asked, False):
            return _commands[each.command]
    return None


def after_stop(asked: Asked) -> str:
    """What who said STOP must know: what goes on nevertheless."""
    return " ".join(filter(None, (_unless_broken(each.about, asked, "") for each in _instead.values())))


def _unless_broken(question: Callable[[Asked], Answer], asked: Asked, otherwise: Answer) -> Answer:
    """STOP holds, whatever mistake of ours a command makes of it."""
    try:
        return question(asked)
    except Exception:
        log.exception("sms.instead_failed")
        return otherwise


def summary(language: str) -> str:
    """All commands in a line."""
    helps = (each.help.get(language) or each.help[settings.LANGUAGE_CODE] for each in _commands.values())
    return " ".join(helps)


def words_of(body: str) -> tuple[str, ...]:
    """The message as words in capitals, without marks: “extend 1h!” is EXTEND, 1H."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", body).upper()))[:MOST_WORDS]
