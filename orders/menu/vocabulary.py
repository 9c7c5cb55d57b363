"""The words that products are marked with; a mark that is none of them is refused."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from trufan.lib.errors import Invalid


class Allergen(models.TextChoices):
    """The fourteen of regulation (EU) No 1169/2011, annex II."""

    GLUTEN = "gluten", "cereals containing gluten"
    CRUSTACEANS = "crustaceans", "crustaceans"
    EGGS = "eggs", "eggs"
    FISH = "fish", "fish"
    PEANUTS = "peanuts", "peanuts"
    SOYBEANS = "soybeans", "soybeans"
    MILK = "milk", "milk"
    NUTS = "nuts", "nuts"
    CELERY = "celery", "celery"
    MUSTARD = "mustard", "mustard"
    SESAME = "sesame", "sesame seeds"
    SULPHITES = "sulphites", "sulphur dioxide and sulphites"
    LUPIN = "lupin", "lupin"
    MOLLUSCS = "molluscs", "molluscs"


class DietaryMark(models.TextChoices):
    VEGAN = "vegan", "vegan"
    VEGETARIAN = "vegetarian", "vegetarian"
    HALAL = "halal", "halal"
    KOSHER = "kosher", "kosher"
    GLUTEN_FREE = "gluten_free", "gluten-free"
    LACTOSE_FREE = "lactose_free", "lactose-free"
    ORGANIC = "organic", "organic"
    ALCOHOL_FREE = "alcohol_free", "alcohol-free"
    SPICY = "spicy", "spicy"


def checked(field: str, marks: Iterable[str], known: type[models.TextChoices]) -> list[str]:
    """The marks, each once and in the order of the list; raises `Invalid` naming `field` on one that is not in it."""
    marks = set(marks)
    if unknown := sorted(marks - set(known.values)):
        raise Invalid.field(field, f"There is no mark {', '.join(unknown)}.", "unknown_mark")
    return [mark for mark in known.values if mark in marks]
