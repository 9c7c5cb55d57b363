"""Reports as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from reports import asking
from reports.asking import Answer, Figure, Line
from reports.definition import Measure, Report
from trufan.lib.words import lazy as _

KINDS = ("money", "count", "ratio", "duration")


class FigureField(serializers.FloatField):
    """A figure as it is: amounts and counts stay whole."""

    def to_representation(self, value: Any) -> Any:
        return value


class ReportColumnSerializer(serializers.Serializer):
    """What rows may be made by, or narrowed to."""

    key = serializers.CharField()
    title = serializers.CharField()


class ReportMeasureSerializer(ReportColumnSerializer):
    """A figure of each row."""

    kind = serializers.ChoiceField(
        choices=KINDS, help_text="`money` in minor units, `ratio` a fraction (1 is all), `duration` in seconds."
    )
    summed = serializers.SerializerMethodField(help_text="Whether the rows add up to the total.")

    def get_summed(self, measure: Measure) -> bool:
        return measure.summed and measure.of is None


class ReportSerializer(serializers.Serializer):
    """A report that there is, and what can be asked of it."""

    key = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField(help_text="What it answers, in one sentence.")
    dimensions = ReportColumnSerializer(many=True, help_text="What `group_by` takes; the first where it is left out.")
    measures = ReportMeasureSerializer(many=True)
    filters = ReportColumnSerializer(many=True, help_text="Further parameters that narrow it.")


class ReportDaysSerializer(serializers.Serializer):
    """Days of the venue's clock, both included."""

    since = serializers.DateField()
    until = serializers.DateField()


class ReportRowSerializer(serializers.Serializer):
    """One row. `before` and `change` are null where nothing is compared."""

    key = serializers.CharField(allow_null=True, help_text="A day, an id, a choice; null or empty: of none.")
    name = serializers.CharField(source="label", help_text="What that is called now.")
    figures = serializers.DictField(child=FigureField(allow_null=True), help_text="By key of the measure.")
    before = serializers.DictField(child=FigureField(allow_null=True), allow_null=True)
    change = serializers.DictField(
        child=FigureField(allow_null=True), allow_null=True, help_text="The difference to `before`."
    )


class ReportAnswerSerializer(serializers.Serializer):
    """What a report says; amounts in minor units of the currency."""

    report = serializers.CharField()
    title = serializers.CharField()
    currency = serializers.CharField()
    period = ReportDaysSerializer()
    compared_with = ReportDaysSerializer(allow_null=True)
    as_of = serializers.DateTimeField(help_text=_("What happened later is not in it."))
    group_by = serializers.CharField()
    measures = ReportMeasureSerializer(many=True)
    rows = ReportRowSerializer(many=True)
    totals = ReportRowSerializer()


def as_data(answer: Answer) -> dict[str, Any]:
    """What `ReportAnswerSerializer` shows."""
    asked, table = answer.asked, answer.table
    return {
        "report": asked.report.key,
        "title": asked.report.title,
        "currency": table.currency,
        "period": asked.period,
        "compared_with": asked.other,
        "as_of": answer.as_of,
        "group_by": table.dimension.key,
        "measures": table.measures,
        "rows": [_row(answer, line, line.row.key, line.row.label) for line in answer.lines()],
        "totals": _figures(answer, table.totals, answer.other.totals if answer.other else {})
        | {"key": None, "label": "total"},
    }


def _row(answer: Answer, line: Line, key: Any, label: str) -> dict[str, Any]:
    return {"key": None if key is None else str(key), "label": label, **_figures(answer, line.row.figures, line.before)}


def _figures(answer: Answer, now: Any, before: Any) -> dict[str, Any]:
    if answer.other is None:
        return {"figures": now, "before": None, "change": None}
    differences: dict[str, Figure] = {key: asking.change(now[key], before.get(key))[0] for key in now}
    return {"figures": now, "before": before, "change": differences}


def reports_for(user: Any, venue: Any, reports: list[Report]) -> list[Report]:
    """Those that the person may read at the venue."""
    return [report for report in reports if user.can(report.permission, venue)]
