"""What can be watched. An app registers its topics in `AppConfig.ready()`; everything else follows from that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

#: Sent by the hub itself, on every topic: facts may have been missed, ask the API.
RESYNC = "resync"

#: The id for the key that a rule published with; None: nobody's.
Resolve = Callable[[UUID], UUID | None]


@dataclass(frozen=True)
class Caller:
    """Who asks to watch: `user` (an `AnonymousUser` for a guest) and the access code that was given, or nothing."""

    user: Any
    access_code: str = ""


@dataclass(frozen=True)
class Topic:
    """One kind of thing that is watched by its id.

    `authorize` raises a `DomainError` unless the caller may watch that id; it runs in a thread and may query. `events`
    says for each fact when it is told, `data` the JSON Schema of each member of a fact's data. `state` is the GET that
    answers with all of it.

    Where much happens at once, `every` is the least time between two facts of one id, in seconds, and `snapshot` what
    the fact then says, read once for all watchers of a process. `resolve` finds the id for the key that a rule
    published with, where the rule does not know the id; None: nobody's.
    """

    name: str
    title: str
    state: str
    authorize: Callable[[Caller, UUID], None]
    events: Mapping[str, str]
    data: Mapping[str, Any] = field(default_factory=dict)
    is_public: bool = False
    every: float = 0.0
    snapshot: Callable[[UUID], dict[str, Any]] | None = None
    resolve: Resolve | None = None


_topics: dict[str, Topic] = {}


def register(topic: Topic) -> None:
    """Add a topic. Raises `ValueError` when another has the name."""
    if _topics.get(topic.name, topic) is not topic:
        raise ValueError(f"a topic named {topic.name!r} is registered already")
    _topics[topic.name] = topic


def get(name: str) -> Topic | None:
    return _topics.get(name)


def named(name: str) -> Topic:
    """A topic that is known to be there: topics are only added."""
    return _topics[name]


def every_topic() -> list[Topic]:
    """All of them, by name."""
    return [_topics[name] for name in sorted(_topics)]
