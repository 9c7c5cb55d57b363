"""Serializer fields for what venues and events are told."""

from __future__ import annotations

import json
import math
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

#: How much configuration one row may carry, as JSON.
MAX_CONFIGURATION_BYTES = 16_384


class DegreesField(serializers.FloatField):
    """An angle; neither true, nor NaN, nor infinite, which `float` lets through."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("invalid")
        return value


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ConfigurationField(serializers.JSONField):
    """A JSON object of modest size."""

    default_error_messages = {
        "not_object": "Give a JSON object.",
        "too_large": "Give at most {limit} bytes of JSON.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_object")
        if len(json.dumps(data, ensure_ascii=False).encode()) > MAX_CONFIGURATION_BYTES:
            self.fail("too_large", limit=MAX_CONFIGURATION_BYTES)
        return data


class StaffFieldsMixin:
    """Leaves out `staff_fields` for who may not see them; `may_see_staff_fields(row)` says who may."""

    staff_fields: frozenset[str] = frozenset()

    def may_see_staff_fields(self, row: Any) -> bool:
        raise NotImplementedError

    def to_representation(self, row: Any) -> dict[str, Any]:
        shown = super().to_representation(row)  # type: ignore[misc]
        if self.may_see_staff_fields(row):
            return shown
        return {name: value for name, value in shown.items() if name not in self.staff_fields}
