"""Rendering what an operator wrote, with an engine that knows no files, no libraries and next to no tags.

Values are facts only: texts, numbers, lists, and mappings read by key. Nothing in them can be called or changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.template import Context, Engine, Template

#: Characters that own words may come to; more is a mistake or mischief.
MAX_RENDERED = 20_000


class _OwnWordsEngine(Engine):
    default_builtins = ["notifications.wording.words"]


#: `loaders=[]`: nothing can be included or extended, even if a tag for it came about.
ENGINE = _OwnWordsEngine(dirs=[], app_dirs=False, loaders=[], libraries={}, autoescape=False)


class TooLong(ValueError):
    """The words came to more than `MAX_RENDERED` characters."""


class Facts:
    """A mapping of the context, read by its keys; it has no method that a template could reach."""

    __slots__ = ("__values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self.__values = {str(key): frozen(value) for key, value in values.items()}

    def __getitem__(self, key: str) -> Any:
        return self.__values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __str__(self) -> str:
        return ""


def frozen(value: Any) -> Any:
    """The value as facts; what is none is its text."""
    if isinstance(value, dict):
        return Facts(value)
    if isinstance(value, list | tuple):
        return tuple(frozen(one) for one in value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def parsed(source: str) -> Template:
    """Raises `TemplateSyntaxError`."""
    return Template(source, engine=ENGINE)


def rendered(template: Template, context: dict[str, Any]) -> str:
    """Raises `TooLong`."""
    text = template.render(Context({name: frozen(value) for name, value in context.items()}, autoescape=False))
    if len(text) > MAX_RENDERED:
        raise TooLong(f"{len(text)} characters")
    # A template vouches for what it renders; plain text must be escaped again where it becomes HTML.
    return text + ""
