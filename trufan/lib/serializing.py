"""Serializers of rows, whose fields are worked out from the model once for each class and not in every request.

What Django REST framework reads off the model for each field (its kind, limits, choices, uniqueness) was a fifth of
what placing an order cost. None of it changes while the program runs.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from rest_framework import serializers

from trufan.lib.showing import ShownQuickly

_made: dict[type, dict[str, Any]] = {}


@cache
def _shared(kind: type[serializers.Serializer]) -> serializers.Serializer:
    return kind()


def shown(kind: type[serializers.Serializer], row: Any) -> Any:
    """`kind(row).data`, by one serializer that all requests share: making its fields costs more than what they do.

    Only for kinds that ask nothing of `context` or `instance`, theirs or of what is in them.
    """
    return _shared(kind).to_representation(row)


def forget_shared() -> None:
    """Make them anew: what they show or take has become more."""
    _shared.cache_clear()
    _fields_of.cache_clear()


class Serializer(ShownQuickly, serializers.Serializer):
    """As the framework's, for what is shown often."""


class TakenSerializer(serializers.Serializer):
    """As the framework's, for what is sent often: all requests share its fields, which are made once.

    Only for kinds whose fields ask nothing of `context`, `instance` or `partial`, which they would not find.
    """

    @property
    def fields(self) -> Any:
        return _fields_of(type(self))


@cache
def _fields_of(kind: type[serializers.Serializer]) -> Any:
    # The framework's own property, of one that nobody else has: its fields belong to that one.
    return serializers.Serializer.fields.func(kind())  # type: ignore[attr-defined]


class ModelSerializer(ShownQuickly, serializers.ModelSerializer):
    """As the framework's. Fields are copied for each serializer, as it copies declared ones: they may be changed."""

    def get_fields(self) -> dict[str, Any]:
        fields = _made.get(type(self))
        if fields is None:
            fields = _made[type(self)] = super().get_fields()
        return {name: copy.deepcopy(field) for name, field in fields.items()}
