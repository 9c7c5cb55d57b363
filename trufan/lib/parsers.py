"""JSON as RFC 8259 means it, and only as much of it as every layer below can store.

Python's own reader also takes NaN, Infinity, lone surrogates and integers of any size; a database refuses NUL and
surrogates in text and integers beyond 64 bits; and a body of ten thousand brackets is an attack. All of them are
answered 400 here, so that no view meets them.
"""

from __future__ import annotations

import json
import math
import re
from typing import IO, Any, NoReturn

from django.utils.translation import gettext
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

MAX_DEPTH = 32
_LARGEST = 2**63 - 1
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Reads a JSON object; anything else is malformed."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        """The object in the stream. Raises `ParseError`, with words that say what was wrong but not quote it."""
        try:
            text = stream.read().decode("utf-8")
            value = json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_constant)
        except UnicodeDecodeError:
            raise ParseError(gettext("The body is not valid UTF-8.")) from None
        except RecursionError:
            raise ParseError(gettext("The body is nested too deeply.")) from None
        except json.JSONDecodeError as problem:
            raise ParseError(
                gettext("The body is not valid JSON: line {lineno}, column {colno}.").format(
                    lineno=problem.lineno, colno=problem.colno
                )
            ) from None
        if not isinstance(value, dict):
            raise ParseError(gettext("The body must be a JSON object."))
        _check(value, MAX_DEPTH)
        return value


def _check(value: Any, depth: int) -> None:
    """Refuse text that cannot be stored and nesting that nobody means."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise ParseError(gettext("Text may not contain NUL characters or lone surrogates."))
    elif isinstance(value, (dict, list)):
        if not depth:
            raise ParseError(gettext("The body is nested too deeply."))
        for child in value.values() if isinstance(value, dict) else value:
            _check(child, depth - 1)
        if isinstance(value, dict):
            for key in value:
                _check(key, depth)


def _integer(text: str) -> int:
    # More digits than a 64-bit number has: Python refuses to convert very long ones at all.
    if len(text) > 20 or abs(int(text)) > _LARGEST:
        raise ParseError(gettext("A number is too large."))
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ParseError(gettext("A number is too large."))
    return value


def _constant(text: str) -> NoReturn:
    raise ParseError(gettext("{text} is not JSON.").format(text=text))
