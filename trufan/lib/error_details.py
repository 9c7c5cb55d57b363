"""Which field was wrong and why, as a flat list with paths such as `items[0].quantity`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings

from trufan.lib.errors import Detail

_NOT_FIELDS = {NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY}


def drf_details(detail: Any) -> list[Detail]:
    """The leaves of a DRF `ValidationError.detail`, each with the path that leads to it."""
    return list(_leaves(detail, ""))


def django_details(error: ValidationError) -> list[Detail]:
    """The messages of a model's or a validator's `ValidationError`."""
    if hasattr(error, "error_dict"):
        return [
            Detail("" if field in _NOT_FIELDS else field, problem.code or "invalid", message)
            for field, problems in error.error_dict.items()
            for problem in problems
            for message in problem.messages
        ]
    return [
        Detail("", problem.code or "invalid", message) for problem in error.error_list for message in problem.messages
    ]


def _leaves(node: Any, path: str) -> Iterator[Detail]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _leaves(child, _step(path, key))
    elif isinstance(node, (list, tuple)):
        for index, child in enumerate(node):
            # A list of messages belongs to one field; a list of dicts or lists has one entry an item.
            yield from _leaves(child, path if isinstance(child, str) else f"{path}[{index}]")
    else:
        yield Detail(path, (node.code if isinstance(node, ErrorDetail) else None) or "invalid", str(node))


def _step(path: str, key: Any) -> str:
    if key in _NOT_FIELDS:
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)
