"""What scanners without a network tell, and what they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from ticketing.door import checkin, sync
from ticketing.door.sync import INVALID, Outcome, Told
from ticketing.models import Scan, Ticket
from trufan.lib.error_details import drf_details
from trufan.lib.errors import Detail, Invalid
from trufan.lib.serializing import ModelSerializer

DECISIONS = ["accepted", "refused"]
_REASONS = frozenset(Scan.Reason.values) - {""}


class OfflineScanSerializer(serializers.Serializer):
    """One scan, as its scanner decided it."""

    nonce = serializers.CharField(max_length=80, help_text="Of the scanner's own making; a UUID.")
    code = serializers.CharField(
        allow_blank=True, trim_whitespace=False, max_length=7_100, help_text="What the camera read, whatever it was."
    )
    gate = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    list = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="The check-in list.")
    direction = serializers.ChoiceField(choices=Scan.Direction.choices, default=Scan.Direction.IN)
    scanned_at = serializers.DateTimeField(help_text="By the device's clock.")
    decided = serializers.ChoiceField(choices=DECISIONS)
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=200,
        help_text="Why it was refused: a reason of a scan.",
    )


class DeviceSerializer(serializers.Serializer):
    """Whose scans these are."""

    device = serializers.CharField(max_length=80, help_text="What the scanner calls itself.")
    device_clock = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The device's clock as it sends this. Where it differs from ours, the scans' times are corrected.",
    )


class SyncRequestSerializer(DeviceSerializer):
    """A batch of scans."""

    scans = OfflineScanSerializer(many=True, help_text=f"At most {sync.MOST}.")


class EnvelopeSerializer(DeviceSerializer):
    """The same, each scan read for itself: one that makes no sense keeps none of the others out."""

    scans = serializers.ListField(child=serializers.JSONField(), max_length=sync.MOST, allow_empty=False)


class StandingSerializer(ModelSerializer):
    """Where a ticket stands at the door."""

    class Meta:
        model = Ticket
        fields = ["id", "number", "status", "inside", "entries", "used_at", "used_gate"]
        read_only_fields = fields


class ProblemSerializer(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class OutcomeSerializer(serializers.Serializer):
    """What became of one scan."""

    nonce = serializers.CharField(help_text="Empty where none could be read.")
    outcome = serializers.ChoiceField(choices=[sync.KEPT, sync.DUPLICATE, sync.INVALID])
    conflict = serializers.ChoiceField(choices=Scan.Conflict.choices, help_text="Empty where there is none.")
    ticket = StandingSerializer(allow_null=True, help_text="Where it stands after all scans that we know of.")
    problems = ProblemSerializer(many=True, help_text="Why it is invalid.")


class SyncAnswerSerializer(serializers.Serializer):
    """What became of a batch; the outcomes stand in the order of its scans."""

    kept = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    invalid = serializers.IntegerField()
    conflicts = serializers.IntegerField(help_text="Of the scans of this batch.")
    scans = OutcomeSerializer(many=True)


def read(given: Sequence[Any], corrected_by: timedelta, now: datetime) -> list[Told | Outcome]:
    """Each scan, or why it makes none."""
    return [_read(each, corrected_by, now) for each in given]


def _read(given: Any, corrected_by: timedelta, now: datetime) -> Told | Outcome:
    nonce = given.get("nonce") if isinstance(given, dict) else None
    asked = OfflineScanSerializer(data=given)
    if not asked.is_valid():
        return Outcome(nonce if isinstance(nonce, str) else "", INVALID, drf_details(asked.errors))
    said = asked.validated_data
    try:
        at = checkin.moment(said["scanned_at"] + corrected_by, now)
    except OverflowError:
        return Outcome(said["nonce"], INVALID, [Detail("scanned_at", "invalid", "No calendar has this time.")])
    except Invalid as refusal:
        return Outcome(said["nonce"], INVALID, refusal.details)
    refused = said["decided"] == "refused"
    known = said["reason"] if said["reason"] in _REASONS else Scan.Reason.BY_SCANNER
    return Told(
        nonce=said["nonce"],
        code=said["code"],
        at=at,
        gate=said["gate"],
        list_id=said["list"],
        direction=said["direction"],
        reason=str(known) if refused else "",
    )
