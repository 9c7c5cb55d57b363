"""Example bodies for the API's documentation of menus."""

from typing import Any

_VENUE = "0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60"
_OUTLET = "0199f3a2-6c10-7d22-9a00-1c2d3e4f5061"
_HOURS = [{"weekday": 4, "opens_at": "18:00", "closes_at": "01:30"}]

OUTLET_PUBLIC: dict[str, Any] = {
    "id": _OUTLET,
    "venue": _VENUE,
    "name": "Grill 112",
    "description": "Burgers from the flame.",
    "kind": "stand",
    "location": "Concourse B, by section 112",
    "status": "open",
    "is_open": True,
    "wait_seconds": 600,
    "hours": "clock",
    "opening_hours": _HOURS,
    "offers_pickup": True,
    "offers_seat_delivery": True,
    "service_charge_ppm": 0,
    "position": 0,
}
OUTLET: dict[str, Any] = {
    **OUTLET_PUBLIC,
    "is_active": True,
    "prep_seconds": 600,
    "makes_at_once": 4,
    "busy_seconds": 600,
    "connected_account": None,
}
OUTLET_REQUEST: dict[str, Any] = {
    "name": "Grill 112",
    "kind": "stand",
    "location": "Concourse B, by section 112",
    "hours": "clock",
    "opening_hours": _HOURS,
    "offers_seat_delivery": True,
}
DAYPART_REQUEST: dict[str, Any] = {"name": "Late night", "starts_at": "22:00", "ends_at": "02:00"}
DAYPART: dict[str, Any] = {"id": "0199f3a2-6c20-7d33-9b00-2d3e4f506172", **DAYPART_REQUEST}
OPTION_REQUEST: dict[str, Any] = {"name": "Extra cheese", "price_delta": 150}
OPTION: dict[str, Any] = {
    "id": "0199f3a2-6c30-7d44-9c00-3e4f50617283",
    **OPTION_REQUEST,
    "is_available": True,
    "position": 0,
}
GROUP_REQUEST: dict[str, Any] = {"name": "Extras", "minimum": 0, "maximum": 3, "options": [OPTION_REQUEST]}
GROUP: dict[str, Any] = {
    "id": "0199f3a2-6c40-7d55-9d00-4f5061728394",
    "name": "Extras",
    "minimum": 0,
    "maximum": 3,
    "is_required": False,
    "position": 0,
    "options": [OPTION],
}
VARIANT_REQUEST: dict[str, Any] = {"name": "Double", "sku": "BRG-2", "price": 1650, "quantity": 120, "low_at": 10}
VARIANT: dict[str, Any] = {
    "id": "0199f3a2-6c50-7d66-9e00-5061728394a5",
    **VARIANT_REQUEST,
    "held": 2,
    "sold": 40,
    "left": 78,
    "is_low": False,
    "position": 0,
    "is_active": True,
}
_PRODUCT: dict[str, Any] = {
    "id": "0199f3a2-6c60-7d77-9f00-61728394a5b6",
    "name": "Smash burger",
    "description": "Beef, pickles, house sauce.",
    "kind": "concession",
    "picture": None,
    "allergens": ["gluten", "milk", "mustard"],
    "dietary_marks": [],
    "minimum_age": 0,
    "max_per_order": 20,
    "events": [],
    "dayparts": [],
    "is_available": True,
    "unavailable_because": "",
}
MENU: dict[str, Any] = {
    "outlet": OUTLET_PUBLIC,
    "currency": "USD",
    "categories": [
        {
            "name": "Burgers",
            "products": [
                {
                    **_PRODUCT,
                    "variants": [{"id": VARIANT["id"], "name": "Double", "price": 1650, "is_available": True}],
                    "option_groups": [GROUP],
                }
            ],
        }
    ],
}
PRODUCT: dict[str, Any] = {
    **_PRODUCT,
    "variants": [VARIANT],
    "option_groups": [GROUP],
    "outlet": _OUTLET,
    "category": "Burgers",
    "tax_category": "food",
    "is_sold_out": False,
    "position": 0,
    "is_active": True,
}
PRODUCT_REQUEST: dict[str, Any] = {
    "name": "Smash burger",
    "category": "Burgers",
    "allergens": ["gluten", "milk", "mustard"],
    "variants": [VARIANT_REQUEST],
}
STOCK_REQUEST: dict[str, Any] = {"delta": -3, "reason": "Dropped a tray"}
