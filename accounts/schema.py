"""What the OpenAPI document says about accounts beyond `documented`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from trufan.lib.schema import TrufanSchema

View = TypeVar("View", bound=Callable[..., Any])


class BodyOnDelete(TrufanSchema):
    """Shows the body of a DELETE, which drf-spectacular leaves out."""

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        method, self.method = self.method, "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = method


def deletes_with_body(method: View) -> View:
    """Stands below `@documented` on a view method that answers DELETE and reads a body."""
    method.schema = BodyOnDelete  # type: ignore[attr-defined]
    return method
