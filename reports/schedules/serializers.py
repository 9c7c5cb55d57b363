"""Reports by e-mail in JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from accounts.models import User
from reports.schedules.models import ReportSchedule
from trufan.lib.serializing import ModelSerializer

PLAIN = [
    "name",
    "report",
    "group_by",
    "filters",
    "period",
    "compare",
    "file",
    "cadence",
    "weekday",
    "month_day",
    "hour",
]


class ReportScheduleSerializer(ModelSerializer):
    """What is sent, to whom, when."""

    recipients = serializers.SerializerMethodField(help_text="Ids of the staff who get it.")

    class Meta:
        model = ReportSchedule
        fields = [
            "id", *PLAIN, "recipients", "is_active", "next_run_at", "last_run_at", "last_result", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_recipients(self, row: ReportSchedule) -> list[str]:
        return sorted(str(person.pk) for person in row.recipients.all())


class WriteScheduleSerializer(ModelSerializer):
    """What may be said of a schedule; the rule looks whether the report can be asked so."""

    filters = serializers.DictField(child=serializers.CharField(max_length=100), required=False)
    recipients = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=50, help_text="Staff who may read the venue's reports."
    )
    is_active = serializers.BooleanField(required=False, help_text="False pauses it.")

    class Meta:
        model = ReportSchedule
        fields = [*PLAIN, "recipients", "is_active"]

    def fields_for(self, venue: Any) -> dict[str, Any]:
        """What was said, with the people behind the ids. Those that are nobody's are left to the rule to refuse."""
        said = dict(self.validated_data)
        if "recipients" in said:
            wanted = set(said["recipients"])
            found = list(User.objects.filter(pk__in=wanted))
            if len(found) != len(wanted):
                raise serializers.ValidationError({"recipients": gettext("Choose people who may read its reports.")})
            said["recipients"] = found
        return said
