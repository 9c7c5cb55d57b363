"""Waiting rooms and places in them as the API reads and shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grants import Permission
from events.serializers import TimeField
from events.times import to_utc
from ticketing.waitingroom import line, numbers, tokens
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from trufan.lib.serializing import ModelSerializer
from venues.fields import StaffFieldsMixin
from venues.permissions import holds

_GIVEN = "ISO 8601, with an offset or, without one, by the venue's clocks."
#: The most and the least that a client is asked to wait before it asks again, in seconds.
LEAST_POLL, MOST_POLL = 2, 30
STATES = ("waiting", "admitted", "expired", "done", "left", "closed")


def admission_field() -> serializers.Field:
    """The field of a cart that carries the pass."""
    return serializers.CharField(
        required=False, allow_blank=True, max_length=60, help_text="The pass of its event's waiting room."
    )


@dataclass(frozen=True)
class Place:
    """A place as it is shown at one moment."""

    entry: WaitingRoomEntry
    now: datetime

    @property
    def room(self) -> WaitingRoom:
        return self.entry.room

    @property
    def state(self) -> str:
        status = self.entry.status
        if status in (WaitingRoomEntry.Status.WAITING, WaitingRoomEntry.Status.ADMITTED) and not self.room.is_shut:
            return "closed"
        if status == WaitingRoomEntry.Status.ADMITTED and not self.entry.has_pass(self.now):
            return "expired"
        return status

    @property
    def position(self) -> int | None:
        """1 for who is next; None before the draw, when nobody is before anybody."""
        if self.state != "waiting" or self.room.began_at is None:
            return None
        return line.of(self.room, self.now).position(self.entry.turn)

    @property
    def wait(self) -> float | None:
        """Seconds until they are let in, as things go; None where nobody can say."""
        position = self.position
        if position is None:
            return None
        return line.of(self.room, self.now).expected(self.room, position).total_seconds()

    @property
    def poll_after(self) -> int | None:
        """Sooner the nearer it is; None once there is nothing to ask."""
        if self.state not in ("waiting", "admitted"):
            return None
        if self.state == "admitted":
            return MOST_POLL
        wait = self.wait
        if wait is None:
            # Not all of them in the second of the start.
            wait = 4 * ((self.room.starts_at - self.now).total_seconds() + self.entry.turn % 5)
        return max(LEAST_POLL, min(MOST_POLL, math.ceil(wait / 4)))


class ProofSerializer(serializers.Serializer):
    """A riddle and its solution."""

    challenge = serializers.CharField(max_length=200)
    nonce = serializers.CharField(max_length=20)


class EnterSerializer(serializers.Serializer):
    """Who comes; nothing need be said."""

    token = serializers.CharField(
        required=False, allow_blank=True, max_length=60, help_text="What this device got when it came before."
    )
    proof = ProofSerializer(required=False, help_text="Where the room has `proof_of_work_bits`.")


class PlaceSerializer(serializers.Serializer):
    """A `Place`."""

    token = serializers.SerializerMethodField(help_text="Keep it: it is the place.")
    id = serializers.UUIDField(source="entry.pk", help_text="What the live topic `waiting_room` goes by, and the draw.")
    event = serializers.UUIDField(source="room.event_id")
    state = serializers.ChoiceField(choices=STATES)
    position = serializers.IntegerField(allow_null=True, help_text="1 for who is next; null until it starts.")
    expected_minutes = serializers.SerializerMethodField()
    poll_after = serializers.IntegerField(allow_null=True, help_text="Ask again in so many seconds.")
    starts_at = serializers.DateTimeField(source="room.starts_at")
    draw = serializers.SerializerMethodField(help_text="Its number, once the draw counts; the lowest is first.")
    admission_token = serializers.SerializerMethodField(help_text="The pass: `admission_token` of the cart.")
    pass_expires_at = serializers.SerializerMethodField()

    def get_token(self, place: Place) -> str:
        return tokens.place(place.entry.pk)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_expected_minutes(self, place: Place) -> int | None:
        return None if place.wait is None else math.ceil(place.wait / 60)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_draw(self, place: Place) -> str | None:
        """As text: not every client has whole numbers of 64 bits."""
        return str(place.entry.turn) if place.room.began_at else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_admission_token(self, place: Place) -> str | None:
        return tokens.admission(place.entry.pk) if place.state == "admitted" else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_pass_expires_at(self, place: Place) -> Any:
        until = place.entry.pass_expires_at if place.state == "admitted" else None
        return until and serializers.DateTimeField().to_representation(until)


class NumbersSerializer(serializers.Serializer):
    """How it goes."""

    waiting = serializers.IntegerField()
    inside = serializers.IntegerField(help_text="Let in, and not through.")
    done = serializers.IntegerField(help_text="Bought.")
    left = serializers.IntegerField()
    expired = serializers.IntegerField(help_text="Let their pass run out.")
    seconds_each = serializers.IntegerField(help_text="The median from being let in to being out again.")
    a_minute = serializers.FloatField(help_text="How many are let in a minute at that pace.")


class WaitingRoomSerializer(StaffFieldsMixin, ModelSerializer):
    """A room; its settings and numbers for staff of its venue."""

    event = serializers.UUIDField(source="event_id")
    status = serializers.ChoiceField(choices=WaitingRoom.Status.choices)
    seed_hash = serializers.CharField(help_text="SHA-256 of the seed: whoever keeps it can check the draw afterwards.")
    seed = serializers.SerializerMethodField(help_text="What the order was drawn with; null until it started.")
    numbers = serializers.SerializerMethodField()
    at_once = serializers.IntegerField(required=False)
    batch = serializers.IntegerField(required=False)

    staff_fields = frozenset({"numbers", "at_once", "batch"})

    class Meta:
        model = WaitingRoom
        fields = [
            "event", "status", "opens_at", "starts_at", "pass_minutes", "orders_per_pass", "proof_of_work_bits",
            "seed_hash", "seed", "at_once", "batch", "numbers",
        ]  # fmt: skip
        read_only_fields = fields

    def may_see_staff_fields(self, row: WaitingRoom) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.event.venue_id)

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_seed(self, room: WaitingRoom) -> str | None:
        return room.seed if room.began_at else None

    @extend_schema_field(NumbersSerializer)
    def get_numbers(self, room: WaitingRoom) -> Any:
        """Counted for staff alone: the public asks in thousands."""
        return NumbersSerializer(numbers.of(room)).data if self.may_see_staff_fields(room) else None


class SetUpSerializer(serializers.Serializer):
    """What staff may say of a room; needs the `event` in its context."""

    opens_at = TimeField(required=False, help_text=_GIVEN)
    starts_at = TimeField(required=False, help_text=f"{_GIVEN} Without it: when the first ticket type is on sale.")
    at_once = serializers.IntegerField(required=False, min_value=1, max_value=100_000)
    batch = serializers.IntegerField(required=False, min_value=1, max_value=10_000)
    pass_minutes = serializers.IntegerField(required=False, min_value=1, max_value=240)
    orders_per_pass = serializers.IntegerField(required=False, min_value=1, max_value=100)
    proof_of_work_bits = serializers.IntegerField(required=False, min_value=0, max_value=WaitingRoom.MOST_BITS)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        zone = self.context["event"].venue.zone
        times = {name: given[name] for name in ("opens_at", "starts_at") if given.get(name) is not None}
        return {**given, **{name: to_utc(value, zone, name) for name, value in times.items()}}


class AdmitSerializer(serializers.Serializer):
    people = serializers.IntegerField(min_value=1, max_value=10_000)


class AdmittedSerializer(serializers.Serializer):
    admitted = serializers.IntegerField(help_text="How many there were to let in.")


class ChallengeSerializer(serializers.Serializer):
    """A riddle: see docs/on-sale.md."""

    challenge = serializers.CharField()
    bits = serializers.IntegerField(help_text="How many zero bits the digest begins with; 0: no riddle is needed.")
    expires_at = serializers.DateTimeField()
