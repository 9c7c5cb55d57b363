"""What may stand in a person's name, and in a short note of theirs.

Names are printed in mails to addresses that nobody has proved yet, in lists of the console and on tickets. A name with
line breaks or a link would make a letter of its own out of such a mail, and one that overrides the direction of
writing would disguise its neighbours.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)


def _refuse_letter(name: str) -> None:
    if _UNPRINTABLE.search(name):
        raise serializers.ValidationError(gettext("A name is one line without control characters."), "invalid_name")
    if _LINK.search(name):
        raise serializers.ValidationError(gettext("A name holds no link."), "invalid_name")


class PersonNameField(serializers.CharField):
    """A name, or a part of one: one line of text that is no link."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [*self.validators, _refuse_letter]


def _refuse_control(note: str) -> None:
    if _UNPRINTABLE.search(note):
        raise serializers.ValidationError(gettext("A note is one line without control characters."), "invalid_note")


class NoteField(serializers.CharField):
    """A line of text for somebody at work: it ends up on a screen or a strip of paper among others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [*self.validators, _refuse_control]
