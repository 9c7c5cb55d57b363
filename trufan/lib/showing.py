"""How serializers show rows: by functions put together once for each serializer, not looked up for each value.

Django REST framework asks of every value of every row how it is reached (through mappings, callables, relations,
defaults) and shown; that was most of what a list costs. The answer differs with the serializer and not with the row, so
it is kept. What is not of the plain kind, and every value that is not where it should be, goes the framework's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import Field, ReadOnlyField, SkipField
from rest_framework.relations import PKOnlyObject, PrimaryKeyRelatedField, RelatedField
from rest_framework.settings import api_settings

Way = Callable[[Any], Any]


class ShownQuickly:
    """For a serializer class: `to_representation` as the framework's, the same values in the same order."""

    _readable_fields: Any

    @cached_property
    def _ways(self) -> list[tuple[str, Way, Way]]:
        return [(field.field_name, _read_by(field), _shown_by(field)) for field in self._readable_fields]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        if isinstance(instance, Mapping):
            # The framework's, which stands behind this one in a serializer's class and not in this one's.
            told: dict[str, Any] = super().to_representation(instance)  # type: ignore[misc]
            return told
        shown = {}
        for name, read, show in self._ways:
            try:
                value = read(instance)
            except SkipField:
                continue
            shown[name] = None if value is None else show(value)
        return shown


def _itself(value: Any) -> Any:
    return value


# -- How a value is reached --


def _read_by(field: Field) -> Way:
    asked = type(field).get_attribute
    if asked is RelatedField.get_attribute and type(field) is PrimaryKeyRelatedField and len(field.source_attrs) == 1:
        return _key_of(field)
    if asked is not Field.get_attribute:
        return field.get_attribute
    return _attribute_of(field) if field.source_attrs else _itself


def _attribute_of(field: Field) -> Way:
    get, slowly = attrgetter(".".join(field.source_attrs)), field.get_attribute

    def read(row: Any) -> Any:
        try:
            value = get(row)
        except (AttributeError, ObjectDoesNotExist):
            return slowly(row)
        return slowly(row) if callable(value) else value

    return read


def _key_of(field: Field) -> Way:
    """The key of a related row, which the row itself has."""
    (name,), slowly = field.source_attrs, field.get_attribute

    def read(row: Any) -> Any:
        try:
            value = row.serializable_value(name)
        except AttributeError:
            return slowly(row)
        return slowly(row) if callable(value) else value

    return read


# -- How it is shown --


def _shown_by(field: Field) -> Way:
    if isinstance(field, serializers.SerializerMethodField):
        return getattr(field.parent, field.method_name)
    if type(field) is PrimaryKeyRelatedField:
        return _key_shown(field)
    if isinstance(field, RelatedField):
        return _related_shown(field)
    way = _PLAIN.get(type(field).to_representation)
    return way(field) if way else field.to_representation


def _key_shown(field: PrimaryKeyRelatedField) -> Way:
    slowly = _related_shown(field)
    if field.pk_field is not None:
        return lambda key: slowly(key if hasattr(key, "pk") else PKOnlyObject(pk=key))
    return lambda key: slowly(key) if hasattr(key, "pk") else key


def _related_shown(field: RelatedField) -> Way:
    show = field.to_representation
    return lambda row: None if isinstance(row, PKOnlyObject) and row.pk is None else show(row)


def _exactly(kind: type) -> Callable[[Field], Way]:
    """A value that is exactly of this kind is shown as it is."""

    def way(field: Field) -> Way:
        show = field.to_representation
        return lambda value: value if type(value) is kind else show(value)

    return way


def _choice(field: serializers.ChoiceField) -> Way:
    show, known = field.to_representation, field.choice_strings_to_values

    def way(value: Any) -> Any:
        return known.get(value, value) if type(value) is str and value else show(value)

    return way


def _uuid(field: serializers.UUIDField) -> Way:
    return str if field.uuid_format == "hex_verbose" else field.to_representation


def _moment(field: serializers.DateTimeField) -> Way:
    """ISO 8601 of a time in UTC, where that is also what times are told in."""
    show = field.to_representation
    if getattr(field, "format", api_settings.DATETIME_FORMAT) != "iso-8601":
        return show

    def way(value: Any) -> Any:
        zone = getattr(field, "timezone", None) or timezone.get_current_timezone()
        if getattr(value, "tzinfo", None) is UTC and str(zone) == "UTC":
            return f"{value.replace(tzinfo=None).isoformat()}Z"
        return show(value)

    return way


_PLAIN: dict[Any, Callable[[Any], Way]] = {
    serializers.CharField.to_representation: _exactly(str),
    serializers.IntegerField.to_representation: _exactly(int),
    serializers.BooleanField.to_representation: _exactly(bool),
    serializers.FloatField.to_representation: _exactly(float),
    ReadOnlyField.to_representation: lambda field: _itself,
    serializers.ChoiceField.to_representation: _choice,
    serializers.UUIDField.to_representation: _uuid,
    serializers.DateTimeField.to_representation: _moment,
}
