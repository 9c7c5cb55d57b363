"""Whether the codes of an event's tickets change while they are shown, and under which key of the door.

`configuration["rotating_codes"]` of the event, true or false; without it they don't. Beside it `"door_key_version"`, a
whole number from 1: raised when a scanner was lost, it makes the key that the scanner knew worthless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from events.models import Event
from events.policy_fields import refuse
from trufan.lib.errors import Detail

KEY = "rotating_codes"
VERSION_KEY = "door_key_version"
#: What two bytes hold.
HIGHEST_VERSION = 65_535


@dataclass(frozen=True)
class RotationPolicy:
    """`door_key_version` says which key the devices' secrets are made of; where codes don't rotate, none."""

    rotates: bool = False
    door_key_version: int = 1


def policy_of(event: Event) -> RotationPolicy:
    """The event's policy; codes stand still under one that was written past the check and cannot be read."""
    if problems(event.configuration):
        return RotationPolicy()
    return RotationPolicy(bool(event.configuration.get(KEY)), event.configuration.get(VERSION_KEY) or 1)


def refuse_bad_policy(configuration: dict[str, Any]) -> None:
    """Raise `Invalid`, naming every field, where the configuration says nothing clear about it."""
    refuse(problems(configuration))


def problems(configuration: dict[str, Any]) -> list[Detail]:
    """What is wrong with the two rules, field by field; null is as good as left out."""
    found = []
    if configuration.get(KEY) is not None and type(configuration[KEY]) is not bool:
        found.append(Detail(f"configuration.{KEY}", "invalid", gettext("Say true or false.")))
    version = configuration.get(VERSION_KEY)
    if version is not None and (type(version) is not int or not 1 <= version <= HIGHEST_VERSION):
        words = gettext("Give a whole number from 1 to {highest_version}.").format(highest_version=HIGHEST_VERSION)
        found.append(Detail(f"configuration.{VERSION_KEY}", "invalid", words))
    return found
