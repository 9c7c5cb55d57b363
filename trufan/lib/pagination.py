"""Lists in pages: `skip` and `limit` in, `{"count", "next", "previous", "results"}` out."""

from __future__ import annotations

import re
from typing import Any

from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

from trufan.lib.errors import Invalid

_NUMBER = re.compile(r"[0-9]{1,10}")
#: No list of ours is longer; a larger number is a mistake.
MAX_NUMBER = 1_000_000_000


class SkipLimitPagination(LimitOffsetPagination):
    """Pages of up to 100 rows. A larger `limit` is answered with 100; what is no number, or negative, with 422."""

    default_limit = 100
    max_limit = 100
    limit_query_param = "limit"
    offset_query_param = "skip"
    limit_query_description = "How many to return; more than 100 returns 100."
    offset_query_description = "How many to leave out before the first."

    def get_limit(self, request: Request) -> int:
        return min(_number(request, "limit", self.default_limit, least=1), self.max_limit)

    def get_offset(self, request: Request) -> int:
        return _number(request, "skip", 0)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER, "default": self.default_limit}
        skip = {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER, "default": 0}
        return [
            parameter("limit", self.limit_query_description, limit),
            parameter("skip", self.offset_query_description, skip),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "minimum": 0, "example": 1, "description": "How many there are in all."},
                "next": {**link, "example": None},
                "previous": {**link, "example": None},
                "results": schema,
            },
        }


def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """What a list may be asked with, as the schema tells it."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _number(request: Request, name: str, default: int, least: int = 0) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if not _NUMBER.fullmatch(given) or not least <= int(given) <= MAX_NUMBER:
        raise Invalid.field(name, f"Give a whole number from {least} to {MAX_NUMBER}.")
    return int(given)
