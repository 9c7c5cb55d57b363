"""Reading a policy out of an event's configuration: a small object of whole numbers, yes-or-no rules and choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from trufan.lib.errors import Detail, Invalid

#: A year: nobody means more, and times stay within what a date can hold.
MAX_HOURS = 8_784
_NONE: Mapping[str, tuple[str, ...]] = {}


def problems(
    key: str,
    given: Any,
    *,
    numbers: Mapping[str, range],
    flags: frozenset[str],
    needed: Mapping[str, str],
    example: str,
    choices: Mapping[str, tuple[str, ...]] = _NONE,
) -> list[Detail]:
    """What is wrong with the policy under `key`, field by field. `needed`: what to say where a rule is missing."""
    if not isinstance(given, dict):
        return [_wrong(key, "", gettext("Give an object such as {example}.").format(example=example))]
    known = [*numbers, *choices, *sorted(flags)]
    found = [
        _wrong(key, name, gettext("There is no such rule; there are {names}.").format(names=", ".join(known)))
        for name in given
        if name not in known
    ]
    found += [_wrong(key, name, words, "required") for name, words in needed.items() if name not in given]
    for name, allowed in numbers.items():
        if name in given and (type(given[name]) is not int or given[name] not in allowed):
            found.append(
                _wrong(
                    key,
                    name,
                    gettext("Give a whole number from {least} to {most}.").format(least=allowed[0], most=allowed[-1]),
                )
            )
    found += [
        _wrong(key, name, gettext("Say one of {names}.").format(names=", ".join(allowed)))
        for name, allowed in choices.items()
        if name in given and given[name] not in allowed
    ]
    found += [
        _wrong(key, name, gettext("Say true or false."))
        for name in sorted(flags)
        if type(given.get(name, False)) is not bool
    ]
    return found


def refuse(found: list[Detail]) -> None:
    """Raise `Invalid`, naming every field, if there is anything wrong."""
    if found:
        raise Invalid(" ".join(f"{each.field}: {each.message}" for each in found), details=found)


def _wrong(key: str, name: str, message: str, code: str = "invalid") -> Detail:
    return Detail(".".join(filter(None, ["configuration", key, name])), code, message)
