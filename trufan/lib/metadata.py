"""What `OPTIONS` answers: the operation and what it takes. Never a row: the schema says what fields there are."""

from __future__ import annotations

from typing import Any

from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request


class OperationMetadata(SimpleMetadata):
    """`{"name", "description", "renders", "parses"}`; what may be called is in the `Allow` header."""

    def determine_actions(self, request: Request, view: Any) -> dict[str, Any]:
        """None: the framework's would look up the row of a path that may lack what the view finds it by."""
        return {}
