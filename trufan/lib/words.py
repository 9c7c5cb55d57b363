"""Words in the language of whoever reads them.

`lazy` marks what is written once, when a module is loaded, and read in many languages; inside of functions Django's own
`gettext` does. Models need no marks: `of_models` translates what their fields, choices and names already say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import models
from django.utils.translation import gettext, gettext_lazy


def lazy(text: str) -> str:
    """`text` in the language that is active when it is shown. A string to all, except that it can’t be joined."""
    return cast(str, gettext_lazy(text))


def of_choice(value: str) -> str:
    """A choice as kept, `already_used`, as people read it: `Already used`, `Ya usada`."""
    return gettext(value.replace("_", " ").capitalize()) if value else ""


def within(value: str) -> str:
    """The same within a line: `already used`."""
    plain = value.replace("_", " ")
    words = gettext(plain.capitalize()) if plain else ""
    return plain if words == plain.capitalize() else words[:1].lower() + words[1:]


def name_of(key: str) -> str:
    """The name of a value as the trail keeps it, `ends_at`, as people read it: `ends at`, `termina`."""
    plain = key.replace("_", " ")
    return gettext(plain) if plain else ""


def ours() -> list[AppConfig]:
    """The apps whose words are ours."""
    return [
        app
        for app in apps.get_app_configs()
        if Path(app.path).is_relative_to(settings.BASE_DIR / app.name.split(".")[0])
    ]


def of_models(apps: Iterable[AppConfig]) -> None:
    """Let the names, help and choices of every model be read in the reader's language.

    Done here and not by a mark at each field, because most names are made from those of the attributes, and a name that
    is written out would be a change for the migrations to record.
    """
    for kind in _choices(models.Choices):
        for member in kind:
            member._label_ = lazy(str(member.label))
    for app in apps:
        app.verbose_name = lazy(str(app.verbose_name))
        for model in app.get_models():
            _translate(model)


def said_by(apps: Iterable[AppConfig]) -> Iterator[str]:
    """Every text that `of_models` translates, as written."""
    for kind in _choices(models.Choices):
        for member in kind:
            yield str(member.label)
            yield str(member.value).replace("_", " ").capitalize()
    for app in apps:
        yield str(app.verbose_name)
        for model in app.get_models():
            yield str(model._meta.verbose_name)
            yield str(model._meta.verbose_name_plural)
            for field in _own_fields(model):
                yield str(field.verbose_name)
                yield str(field.help_text)
                yield from (str(label) for _, label in field.flatchoices)


def _choices(kind: Any) -> Iterator[Any]:
    """The enumerations of choices that the apps define."""
    for each in kind.__subclasses__():
        if each.__module__.split(".")[0] in {app.name.split(".")[0] for app in ours()}:
            yield each
        yield from _choices(each)


def _translate(model: type[models.Model]) -> None:
    options = model._meta
    options.verbose_name = gettext_lazy(str(options.verbose_name))
    options.verbose_name_plural = gettext_lazy(str(options.verbose_name_plural))
    for field in _own_fields(model):
        field.verbose_name = lazy(str(field.verbose_name))
        if field.help_text:
            field.help_text = lazy(str(field.help_text))
        if field.flatchoices:
            field.choices = [(value, lazy(str(label))) for value, label in field.flatchoices]


def _own_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.local_fields + model._meta.local_many_to_many if field.verbose_name]
