"""What the demo's stands sell: a grill with a bar's drinks, and a shop, both in the arena."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from orders.menu import outlets, products
from orders.menu.models import Outlet
from venues.models import TaxRate, Venue

OUTLETS: list[dict[str, Any]] = [
    {
        "name": "Grill 112",
        "kind": "stand",
        "description": "Burgers from the flame, fries, and something to drink.",
        "location": "Concourse B, by section 112",
        "prep_seconds": 480,
        "offers_seat_delivery": True,
    },
    {
        "name": "Fan Shop",
        "kind": "shop",
        "description": "Scarves, shirts and posters.",
        "location": "Main entrance",
        "prep_seconds": 120,
        "position": 1,
        "offers_seat_delivery": True,
    },
]
DONENESS = {
    "name": "Doneness",
    "minimum": 1,
    "maximum": 1,
    "options": [{"name": "Medium"}, {"name": "Well done"}],
}
EXTRAS = {
    "name": "Extras",
    "maximum": 3,
    "position": 1,
    "options": [
        {"name": "Cheese", "price_delta": 150},
        {"name": "Bacon", "price_delta": 200},
        {"name": "Without bun", "price_delta": -100},
    ],
}
BEER = {"kind": "concession", "category": "Drinks", "tax_category": TaxRate.Category.ALCOHOL, "minimum_age": 21}
#: Outlet → its products, each with its variants and choices.
PRODUCTS: dict[str, list[dict[str, Any]]] = {
    "Grill 112": [
        {
            "name": "Smash burger",
            "category": "Burgers",
            "description": "Beef, pickles, house sauce.",
            "allergens": ["gluten", "milk", "mustard", "sesame"],
            "variants": [
                {"name": "Single", "price": 1_250, "quantity": 400, "low_at": 20},
                {"name": "Double", "price": 1_650, "quantity": 250, "low_at": 20},
            ],
            "groups": [DONENESS, EXTRAS],
        },
        {
            "name": "Garden burger",
            "category": "Burgers",
            "description": "Chickpeas, herbs, lemon yoghurt from oats.",
            "allergens": ["gluten", "sesame"],
            "dietary_marks": ["vegan", "vegetarian"],
            "variants": [{"price": 1_150, "quantity": 200, "low_at": 10}],
            "groups": [EXTRAS],
        },
        {
            "name": "Fries",
            "category": "Sides",
            "dietary_marks": ["vegan", "vegetarian", "gluten_free"],
            "variants": [{"name": "Small", "price": 550}, {"name": "Large", "price": 750}],
        },
        {
            "name": "Lager",
            "description": "From the tap, 0.4 l.",
            "allergens": ["gluten"],
            "max_per_order": 4,
            "variants": [{"price": 950, "quantity": 1_200, "low_at": 60}],
            **BEER,
        },
        {
            "name": "Lemonade",
            "category": "Drinks",
            "tax_category": TaxRate.Category.BEVERAGE,
            "dietary_marks": ["vegan", "vegetarian", "gluten_free", "alcohol_free"],
            "variants": [{"price": 600}],
        },
    ],
    "Fan Shop": [
        {
            "name": "Scarf",
            "kind": "merchandise",
            "category": "To wear",
            "description": "Knitted, in the colours of the house.",
            "variants": [
                {"name": "Short", "price": 2_400, "quantity": 80, "sku": "SC-S", "low_at": 8},
                {"name": "Long", "price": 2_900, "quantity": 60, "sku": "SC-L", "low_at": 8},
            ],
        },
        {
            "name": "Tour shirt",
            "kind": "merchandise",
            "category": "To wear",
            "variants": [
                {"name": size, "price": 3_500, "quantity": 40, "sku": f"TS-{size}", "low_at": 5} for size in "SML"
            ],
        },
        {
            "name": "Poster",
            "kind": "merchandise",
            "category": "To hang",
            "variants": [{"price": 1_500, "quantity": 150}],
        },
    ],
}


def open_outlets(venue: Venue, manager: User, made: list[str]) -> None:
    """The outlets that are not there yet, with their menus."""
    for facts in OUTLETS:
        if Outlet.objects.filter(venue=venue, name=facts["name"]).exists():
            continue
        outlet = outlets.create(venue, manager, **facts)
        for position, given in enumerate(PRODUCTS[outlet.name]):
            told = {name: value for name, value in given.items() if name != "groups"}
            product = products.create(outlet, manager, position=position, **told)
            for group in given.get("groups", ()):
                products.add_group(product, manager, **group)
        made.append(f"outlet {outlet.name} at {venue.name}")
