"""The API's shape of what a person wants to hear."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext
from rest_framework import serializers

from notifications import kinds
from notifications.preferences import changing

CHANNELS = [*kinds.CHANNELS]


class ChannelWishSerializer(serializers.Serializer):
    channel = serializers.ChoiceField(CHANNELS)
    wanted = serializers.BooleanField()
    locked = serializers.BooleanField(help_text="It can't be switched off.")


class KindWishesSerializer(serializers.Serializer):
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    description = serializers.CharField()
    channels = ChannelWishSerializer(many=True)


class QuietHoursSerializer(serializers.Serializer):
    """Local times by the clock of `time_zone`; an end before the beginning is on the next day."""

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's own.
        return {"from": serializers.TimeField(format="%H:%M"), "until": serializers.TimeField(format="%H:%M")}


class MessageSettingsSerializer(serializers.Serializer):
    """What a person wants to hear, as it holds now."""

    kinds = KindWishesSerializer(many=True)
    quiet_hours = QuietHoursSerializer(allow_null=True)
    time_zone = serializers.CharField(help_text="IANA name; empty: not said.")
    language = serializers.CharField(help_text="Empty: not said, messages are in the default language.")

    @classmethod
    def answer(cls, user: Any) -> dict[str, Any]:
        """The body of the answer for this person. Three queries."""
        wishes, row = changing.wishes(user), changing.settings_of(user)
        quiet = {"from": row.quiet_from, "until": row.quiet_until} if row.quiet_from and row.quiet_until else None
        listed = [
            {
                "kind": kind.name,
                "label": kind.label,
                "description": kind.description,
                "channels": [
                    {"channel": one, "wanted": wishes[kind.name, one], "locked": one in kind.always}
                    for one in kinds.CHANNELS
                ],
            }
            for kind in changing.kinds_for(user)
        ]
        said = {"kinds": listed, "quiet_hours": quiet, "time_zone": row.time_zone, "language": row.language}
        return dict(cls(said).data)


class ChoiceSerializer(serializers.Serializer):
    kind = serializers.CharField(max_length=20)
    channel = serializers.ChoiceField(CHANNELS)
    wanted = serializers.BooleanField()


class ChangeMessageSettingsSerializer(serializers.Serializer):
    """What is left out stays as it is."""

    choices = ChoiceSerializer(many=True, required=False, max_length=100)  # type: ignore[call-arg]
    quiet_hours = QuietHoursSerializer(required=False, allow_null=True, help_text="Null: none.")
    time_zone = serializers.CharField(required=False, max_length=64, help_text="IANA name, such as America/New_York.")
    language = serializers.ChoiceField([code for code, _ in settings.LANGUAGES], required=False)

    def validate_time_zone(self, name: str) -> str:
        if name not in _zones():
            raise serializers.ValidationError(gettext("There is no time zone of this name."), code="invalid_choice")
        return name

    def wanted(self) -> dict[str, Any]:
        """What was sent, as arguments of `changing.change`."""
        sent = dict(self.validated_data)
        choices = [changing.Choice(**choice) for choice in sent.pop("choices", [])]
        if "quiet_hours" in sent:
            hours = sent.pop("quiet_hours")
            sent["quiet"] = (hours["from"], hours["until"]) if hours else changing.NO_QUIET
        return {"choices": choices, **sent}


@cache
def _zones() -> set[str]:
    """Read from the disk once."""
    return available_timezones()
