"""The price rules of an event's seats as staff type them, a line each; read and written.

112 = Gold
112: A, B = Platinum
seats 112-C-1, 112-C-2 = Restricted view
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

_SEATS = "seats "


def read(text: str, types: Mapping[str, UUID]) -> tuple[list[dict[str, Any]], list[str]]:
    """The rules, and what is wrong with the lines that are none; `types` are the event's ticket types by name."""
    rules: list[dict[str, Any]] = []
    wrong: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where, is_said, name = (each.strip() for each in line.rpartition("="))
        if not is_said or not where:
            wrong.append(gettext("Line {number}: write a section, = and a ticket type.").format(number=number))
        elif name not in types:
            wrong.append(
                gettext("Line {number}: the event has no ticket type {name}.").format(number=number, name=name)
            )
        else:
            rules.append({**_where(where), "ticket_type": types[name]})
    return rules, wrong


def written(rules: Sequence[Mapping[str, Any]], types: Mapping[str, UUID]) -> str:
    """The same rules as lines; one whose ticket type is gone is left out."""
    names = {str(pk): name for name, pk in types.items()}
    known = (rule for rule in rules if str(rule["ticket_type"]) in names)
    return "\n".join(f"{_words(rule)} = {names[str(rule['ticket_type'])]}" for rule in known)


def _where(words: str) -> dict[str, Any]:
    if words.lower().startswith(_SEATS):
        return {"seats": [label.upper() for label in _several(words[len(_SEATS) :])]}
    section, _, rows = words.partition(":")
    return {"section": section.strip()} | ({"rows": list(_several(rows))} if rows.strip() else {})


def _words(rule: Mapping[str, Any]) -> str:
    if rule.get("seats"):
        return _SEATS + ", ".join(rule["seats"])
    return rule["section"] + (f": {', '.join(rule['rows'])}" if rule.get("rows") else "")


def _several(words: str) -> Iterator[str]:
    return (each.strip() for each in words.split(",") if each.strip())
