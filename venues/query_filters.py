"""Filters that refuse what they cannot read: an unknown value is an error of the caller, never "no filter"."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field


class _FlagField(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        if str(value).lower() not in {"true", "false"}:
            raise ValidationError(gettext("Say true or false."), code="invalid")
        return str(value).lower() == "true"


class FlagFilter(django_filters.BooleanFilter):
    """`true` or `false`, nothing else."""

    field_class = _FlagField


@extend_schema_field({"type": "integer"})
class WholeNumberFilter(django_filters.NumberFilter):
    """A whole number; `min_value` and `max_value` bound it."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> None:
        return None
