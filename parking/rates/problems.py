"""What a JSON Schema finds wrong, as the envelope says it: each problem at its own path."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from trufan.lib.errors import Detail

#: So many problems are told at once.
MOST = 20


def of_schema(validator: Draft202012Validator, given: Any, field: str) -> list[Detail]:
    """Every problem, in the order of their paths; a field that is missing, or too many, is named itself."""
    found = {detail for error in validator.iter_errors(given) for detail in _details(error, field)}
    return sorted(found, key=lambda detail: (detail.field, detail.message))[:MOST]


def _details(error: ValidationError, field: str) -> list[Detail]:
    path = field + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [Detail(f"{path}.{name}", "required", gettext("This is needed.")) for name in missing]
    if error.validator == "additionalProperties":
        unknown = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        return [
            Detail(f"{path}.{name[:60]}", "unknown_field", gettext("There is no such field here.")) for name in unknown
        ]
    return [Detail(path, _CODES.get(str(error.validator), "invalid"), _words(error))]


_CODES = {
    "type": "invalid_type",
    "minimum": "too_small",
    "maximum": "too_large",
    "minItems": "too_few",
    "maxItems": "too_many",
}


def _words(error: ValidationError) -> str:
    """The library's words, without what was sent: it may be long."""
    if error.validator == "type":
        return gettext("This is to be of type {validator_value}.").format(validator_value=error.validator_value)
    if error.validator in ("pattern", "maxLength"):
        return error.schema.get("description") or gettext("This has not the form that is asked for.")
    if error.validator in ("minimum", "exclusiveMinimum"):
        return gettext("At least {validator_value}.").format(validator_value=error.validator_value)
    if error.validator == "maximum":
        return gettext("At most {validator_value}.").format(validator_value=error.validator_value)
    if error.validator == "const":
        return gettext("This is {validator_value!r}.").format(validator_value=error.validator_value)
    if error.validator == "enum":
        return gettext("One of {names}.").format(names=", ".join(map(str, error.validator_value)))
    return error.message[:200]
