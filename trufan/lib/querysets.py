"""The query set that every table starts from."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model, covariant=True)


class BaseQuerySet(models.QuerySet[Row]):
    """Keeps `updated_at` true under bulk updates, which Django's `auto_now` does not see."""

    def update(self, **changes: Any) -> int:
        changes.setdefault("updated_at", timezone.now())
        return super().update(**changes)
