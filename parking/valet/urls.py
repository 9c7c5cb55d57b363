"""The addresses of this room, below `/api/v1/parking/`."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
