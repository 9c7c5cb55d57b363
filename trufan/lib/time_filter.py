"""Filtering by a moment in time, without sending the database one that it cannot hold."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django_filters.fields import IsoDateTimeField

#: A plus sign that was not percent-encoded reaches us as a space.
_LOST_PLUS = re.compile(r"(?<=\d) (\d\d:?\d\d)$")
#: Times outside of these years are mistakes, and near the ends of the calendar their zones cannot be converted.
YEARS = range(1970, 2201)


class _TimeField(IsoDateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        text = value if not isinstance(value, str) or "T" not in value else _LOST_PLUS.sub(r"+\1", value)
        parsed: datetime | None = super().to_python(text)
        if parsed is None:
            return None
        if parsed.year not in YEARS:
            raise ValidationError(
                gettext("Give a year from {least} to {most}.").format(least=YEARS[0], most=YEARS[-1]), code="invalid"
            )
        # PostgreSQL refuses offsets of 16 hours and more, which ISO 8601 can write.
        return parsed.astimezone(UTC)


class TimeFilter(django_filters.IsoDateTimeFilter):
    """An ISO 8601 time; without an offset it is UTC."""

    field_class = _TimeField
