"""Which endpoints a device's key opens: those that say so, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def open_to(scope: str) -> Callable[[View], View]:
    """Stands above `@documented` on a view method that devices with `scope` may call."""

    def decorate(method: View) -> View:
        method.device_scope = scope  # type: ignore[attr-defined]
        return method

    return decorate


def scope_of(view: Any, method: str) -> str | None:
    """The scope that opens what `view` does for `method`; None: no key does."""
    name = getattr(view, "action", None) or method.lower()
    return getattr(getattr(view, name, None), "device_scope", None)
