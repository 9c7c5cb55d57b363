"""What a watcher may send: one small JSON object a message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from trufan.lib.errors import Malformed

#: The largest message that is read, in bytes.
MAX_BYTES = 4096
TYPES = ("authenticate", "subscribe", "unsubscribe", "ping")


@dataclass(frozen=True)
class Asked:
    """A message that could be read. `topic` and `id` are those of `subscribe` and `unsubscribe`."""

    type: str
    topic: str = ""
    id: UUID | None = None
    access_code: str = ""
    token: str = ""
    ticket: str = ""


def read(text: str) -> Asked:
    """Raises `Malformed`, saying what is wrong."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(gettext("Send one JSON object in each message.")) from error
    if not isinstance(given, dict) or given.get("type") not in TYPES:
        raise Malformed(gettext("Give a type: {TYPES}.").format(TYPES=", ".join(TYPES)))
    pk = None
    if given["type"] in ("subscribe", "unsubscribe"):
        try:
            pk = UUID(_text(given, "id"))
        except ValueError as error:
            raise Malformed(gettext("The id is no UUID.")) from error
    return Asked(
        given["type"],
        topic=_text(given, "topic"),
        id=pk,
        access_code=_text(given, "access_code"),
        token=_text(given, "token"),
        ticket=_text(given, "ticket"),
    )


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise Malformed(gettext("{name} is a text.").format(name=name))
    return value
