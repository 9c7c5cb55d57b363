"""A body that is a file."""

from __future__ import annotations

from typing import IO, Any

from rest_framework.parsers import BaseParser


class CsvParser(BaseParser):
    """Hands on the bytes of a CSV file; `reading.py` makes sense of them."""

    media_type = "text/csv"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read()
