"""The values of an audit entry as JSON that reads back the same from every database.

SQLite keeps JSON as it was written, PostgreSQL parses it: `1e20` comes back as an integer, key order is lost, a NUL
character or half a surrogate pair is refused. So floats become text, text is cleaned, and order is fixed when hashing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from phonenumber_field.phonenumber import PhoneNumber


def moment(value: datetime) -> str:
    """An aware datetime in UTC with all its microseconds: `2026-11-22T21:47:05.000120Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def text(value: str) -> str:
    """The text without what PostgreSQL cannot store: NUL and lone surrogates."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


def plain(value: Any) -> Any:
    """The value as strings, integers, booleans, None, lists and dicts.

    Models become their key, enums their value, times UTC text. Raises `TypeError` on what has no obvious form.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case str() | Promise():
            return text(str(value))
        case int():
            return int(value)
        case datetime():
            return moment(value)
        case Mapping():
            return {text(str(plain(key))): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case Model():
            return plain(value.pk)
        case float() | Decimal() | uuid.UUID() | PhoneNumber():
            return str(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value.total_seconds())
    raise TypeError(f"{type(value).__name__} has no form in the audit trail")
