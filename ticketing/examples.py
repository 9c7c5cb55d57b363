"""Example bodies for the API's documentation."""

from typing import Any

_EVENT = "0199f3a2-6b00-7c11-8f00-1b2c3d4e5f61"
_TYPE = "0199f3a2-7c1e-7b52-9d8e-3f1a6b2c4d5e"
_TICKET = "0199f3a2-9f10-7c52-8d8e-4f1a6b2c4d5f"
_GENERAL = {"id": _TYPE, "name": "General Admission"}

TICKET_TYPE_REQUEST: dict[str, Any] = {
    "name": "General Admission",
    "price": 5000,
    "quantity": 800,
    "sales_end": "2026-07-03T19:30:00",
    "max_per_order": 6,
    "max_per_person": 6,
}
TICKET_TYPE: dict[str, Any] = {
    "id": _TYPE,
    "event": _EVENT,
    "name": "General Admission",
    "description": "",
    "price": 5000,
    "regular_price": 5000,
    "release": None,
    "releases": [],
    "min_price": None,
    "max_price": None,
    "fee": 275,
    "all_in_price": 5275,
    "currency": "USD",
    "availability": "available",
    "addon_of": [],
    "is_on_sale": True,
    "sales_start": None,
    "sales_end": "2026-07-03T23:30:00Z",
    "min_per_order": 1,
    "max_per_order": 6,
    "max_per_person": 6,
    "position": 0,
    "needs_slot": False,
}
TICKET_TYPE_FOR_STAFF: dict[str, Any] = {
    **TICKET_TYPE,
    "visibility": "open",
    "quantity": 800,
    "held": 4,
    "sold": 312,
    "house": 20,
    "left": 464,
    "waiting": 0,
    "set_aside": 0,
    "gates": ["North", "Box entrance"],
}
CODE = (
    "TF1:HVZ663ABTHZ2FHYQPRJI3DSPDJVSYTK7AGM7HITLAB6BDDYADMWD2TS7MEAACZFWH2G5JXX2DGGYEFLJ"
    "J4KMYAF4H57AVME4XMCPGSGUPROGIMASDBIMOR4IYNXEOQMU3M75PV44HIHIGQJEJEMFHHKZVXAHEZWZOICQ"
)
TICKET: dict[str, Any] = {
    "id": _TICKET,
    "number": "7K3M9Q2XHD",
    "code": CODE,
    "rotates": False,
    "status": "valid",
    "event": {
        "id": _EVENT,
        "name": "Opening Night",
        "status": "published",
        "venue": {
            "id": "0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60",
            "name": "Garden Arena",
            "slug": "garden-arena",
            "city": "New York",
            "country": "US",
            "latitude": 40.7505,
            "longitude": -73.9934,
        },
        "starts_at": "2026-07-03T23:30:00Z",
        "starts_at_local": "2026-07-03T19:30:00-04:00",
        "doors_at": "2026-07-03T22:30:00Z",
        "doors_at_local": "2026-07-03T18:30:00-04:00",
        "ends_at": "2026-07-04T02:30:00Z",
        "time_zone": "America/New_York",
    },
    "ticket_type": _GENERAL,
    "seat": "",
    "slot": None,
    "holder": {"name": "Fay Fan"},
    "attendee": None,
    "order": "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d",
    "used_at": None,
    "frozen_at": None,
    "created_at": "2026-06-20T18:01:30Z",
}
TICKET_KEY: dict[str, Any] = {
    "key_id": "3d73ef6c",
    "algorithm": "Ed25519",
    "public_key": "fGUXemytMNtetQh2GNb27pNHiUaxWyONFa-O-43JIa4",
}
SCAN_REQUEST: dict[str, Any] = {"code": CODE, "event": _EVENT, "gate": "North", "nonce": "scanner-7-000412"}
ACCEPTED: dict[str, Any] = {
    "id": "0199f3a2-a000-7d3a-a1b2-c3d4e5f60718",
    "result": "accepted",
    "reason": "",
    "message": "Welcome.",
    "check_age": 18,
    "ticket": {
        "id": _TICKET,
        "number": "7K3M9Q2XHD",
        "event": {"id": _EVENT, "name": "Opening Night"},
        "ticket_type": _GENERAL,
        "seat": "",
        "holder": "Fay Fan",
    },
    "previous_scan": None,
    "direction": "in",
    "gate": "North",
    "list": None,
    "nonce": "scanner-7-000412",
    "scanned_at": "2026-07-03T22:41:07Z",
}
ADMISSION_REQUEST: dict[str, Any] = {
    "number": "7K3M9Q2XHD",
    "event": _EVENT,
    "gate": "North",
    "reason": "Phone is out of battery; checked the passport.",
}
ATTENDANCE: dict[str, Any] = {
    "event": _EVENT,
    "capacity": 1000,
    "issued": 312,
    "checked_in": 120,
    "remaining": 192,
    "refused_scans": 3,
    "by_ticket_type": [{**_GENERAL, "issued": 312, "checked_in": 120, "remaining": 192}],
    "by_gate": [{"gate": "North", "checked_in": 80}, {"gate": "South", "checked_in": 40}],
}
SCAN_ROW: dict[str, Any] = {
    "id": "0199f3a2-a000-7d3a-a1b2-c3d4e5f60718",
    "result": "refused",
    "reason": "already_used",
    "conflict": "",
    "method": "code",
    "direction": "in",
    "gate": "North",
    "list": None,
    "ticket": {"id": _TICKET, "number": "7K3M9Q2XHD"},
    "is_offline": False,
    "device": "",
    "scanned_by": {"id": "0199f3a2-1000-7d3a-a1b2-c3d4e5f60719", "name": "Gus Gate"},
    "scanned_at": "2026-07-03T22:43:51Z",
    "received_at": "2026-07-03T22:43:51Z",
}
