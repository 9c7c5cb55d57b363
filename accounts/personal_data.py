"""What TruFan stores about a person, asked of every app that stores something.

Accounts stand below the apps that sell and cannot ask them. So each app registers, once, from its
`AppConfig.ready()`, how to export and how to erase what it keeps about a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User

Export = Callable[[User], list | dict]
Erase = Callable[[User, datetime], None]


@dataclass(frozen=True)
class Keeper:
    """One app's answer; `erase` may raise a `DomainError`, which stops the whole erasure."""

    export: Export
    erase: Erase


_keepers: dict[str, Keeper] = {}


def register(name: str, export: Export, erase: Erase) -> None:
    """Add a keeper. `export` answers JSON-able rows; `erase` runs in the transaction that erases the person."""
    _keepers[name] = Keeper(export, erase)


def export_all(user: User) -> dict[str, Any]:
    """Everything the keepers store about the person, by keeper."""
    return {name: keeper.export(user) for name, keeper in _keepers.items()}


def erase_all(user: User, now: datetime) -> None:
    """Let each keeper erase its part; the first refusal propagates."""
    for keeper in _keepers.values():
        keeper.erase(user, now)
