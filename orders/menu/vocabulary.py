"""The words that products are marked with; a mark that is none of them is refused."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from trufan.lib.errors import Invalid
from trufan.lib.words import lazy as _


class Allergen(models.TextChoices):
    """The fourteen of regulation (EU) No 1169/2011, annex II."""

    GLUTEN = "gluten", _("cereals containing gluten")
    CRUSTACEANS = "crustaceans", _("crustaceans")
    EGGS = "eggs", _("eggs")
    FISH = "fish", _("fish")
    PEANUTS = "peanuts", _("peanuts")
    SOYBEANS = "soybeans", _("soybeans")
    MILK = "milk", _("milk")
    NUTS = "nuts", _("nuts")
    CELERY = "celery", _("celery")
    MUSTARD = "mustard", _("mustard")
    SESAME = "sesame", _("sesame seeds")
    SULPHITES = "sulphites", _("sulphur dioxide and sulphites")
    LUPIN = "lupin", _("lupin")
    MOLLUSCS = "molluscs", _("molluscs")


class DietaryMark(models.TextChoices):
    VEGAN = "vegan", _("vegan")
    VEGETARIAN = "vegetarian", _("vegetarian")
    HALAL = "halal", _("halal")
    KOSHER = "kosher", _("kosher")
    GLUTEN_FREE = "gluten_free", _("gluten-free")
    LACTOSE_FREE = "lactose_free", _("lactose-free")
    ORGANIC = "organic", _("organic")
    ALCOHOL_FREE = "alcohol_free", _("alcohol-free")
    SPICY = "spicy", _("spicy")


def checked(field: str, marks: Iterable[str], known: type[models.TextChoices]) -> list[str]:
    """The marks, each once and in the order of the list; raises `Invalid` naming `field` on one that is not in it."""
    marks = set(marks)
    if unknown := sorted(marks - set(known.values)):
        raise Invalid.field(field, f"There is no mark {', '.join(unknown)}.", "unknown_mark")
    return [mark for mark in known.values if mark in marks]
