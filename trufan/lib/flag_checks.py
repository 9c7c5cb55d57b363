"""`manage.py check --database default`, which `migrate` runs too: switches that no code declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError

from trufan.lib import flags


@register(Tags.database)
def switches_are_declared(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Rows of flags that are no more. Silent before the first migration, when there is no table to ask."""
    if "default" not in (databases or ()):
        return []
    try:
        found = flags.leftovers()
    except DatabaseError:
        return []
    return [
        Warning(
            f"The switch {row.flag} is set, and no code declares it.",
            hint="Forget it on the console's page Switches.",
            id="trufan.W004",
        )
        for row in found
    ]
