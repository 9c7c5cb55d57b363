"""The parts of the OpenAPI document that every operation refers to."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from trufan.lib.errors import DomainError

_EXAMPLE_ID = "4f1d7d1c9f0b4a4b8f5f0a9f0d1e2c3b"
_EXAMPLE_DETAIL = {"field": "items[0].quantity", "code": "required", "message": "This field is required."}

ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What every refusal looks like. `code` is stable; `message` is for people and may change.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details", "correlation_id"],
            "properties": {
                "code": {"type": "string", "description": "A stable word for what went wrong."},
                "message": {"type": "string"},
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["field", "code", "message"],
                        "properties": {
                            "field": {
                                "type": "string",
                                "description": "A path such as `items[0].quantity`; empty for the whole request.",
                            },
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
                "correlation_id": {"type": "string", "description": "Tell support this; the logs have it too."},
            },
        }
    },
}


def _header(description: str, kind: str = "integer", example: Any = None) -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}, "example": example}


HEADERS: dict[str, dict[str, Any]] = {
    "X-Correlation-ID": _header("The id of this request in every log line.", "string", _EXAMPLE_ID),
    "X-RateLimit-Limit": _header("How many requests may come at once.", example=100),
    "X-RateLimit-Remaining": _header("How many of them are left now; one comes back each second.", example=99),
    "X-RateLimit-Reset": _header("Seconds until all of them are back.", example=1),
    "Retry-After": _header("Seconds to wait before trying again.", example=1),
    "WWW-Authenticate": _header("How to sign in.", "string", 'Bearer realm="api"'),
    "Idempotent-Replayed": _header("`true` when this is the kept answer to an earlier request.", "string", "true"),
}

KEY_PARAMETER: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    "description": "A random value of your own, such as a UUID. The same request under the same key is carried out "
    "once: within 24 hours it gets its first answer again (409, 429 and 5xx are not kept). Another request under the "
    "same key is refused.",
    "example": "6f0c9b1e-52b1-4a53-9b8e-0a2f4f6f5d9a",
}


def error_response(kinds: Iterable[type[DomainError]]) -> dict[str, Any]:
    """One status's answer: the envelope, with an example for each code."""
    kinds = list(kinds)
    examples = {
        kind.code: {
            "value": {
                "error": {
                    "code": kind.code,
                    "message": kind.message,
                    "details": [_EXAMPLE_DETAIL] if kind.code == "validation_error" else [],
                    "correlation_id": _EXAMPLE_ID,
                }
            },
            "summary": kind.message,
        }
        for kind in kinds
    }
    codes = ", ".join(f"`{code}`" for code in examples)
    return {
        "description": f"{HTTPStatus(kinds[0].status).phrase}: {codes}.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "examples": examples}},
    }
