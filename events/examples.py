"""What the documented endpoints of events ask and answer."""

from typing import Any

_VENUE_ID = "0198c0de-7a11-7000-8000-00000000a001"

EVENT_REQUEST: dict[str, Any] = {
    "venue": _VENUE_ID,
    "name": "Opening Night",
    "category": "concert",
    "starts_at": "2026-07-03T19:30:00",
    "ends_at": "2026-07-03T22:30:00",
    "capacity": 1000,
}
EVENT: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000e001",
    "name": "Opening Night",
    "description": "",
    "category": "concert",
    "status": "published",
    "venue": {
        "id": _VENUE_ID,
        "name": "Garden Arena",
        "slug": "garden-arena",
        "city": "New York",
        "country": "US",
        "latitude": 40.7505,
        "longitude": -73.9934,
    },
    "series": None,
    "starts_at": "2026-07-03T23:30:00Z",
    "starts_at_local": "2026-07-03T19:30:00-04:00",
    "ends_at": "2026-07-04T02:30:00Z",
    "ends_at_local": "2026-07-03T22:30:00-04:00",
    "doors_at": "2026-07-03T22:30:00Z",
    "doors_at_local": "2026-07-03T18:30:00-04:00",
    "time_zone": "America/New_York",
    "currency": "USD",
    "price_from": 5275,
    "price_to": 12_450,
    "is_available": True,
}
EVENT_FOR_STAFF: dict[str, Any] = {
    **EVENT,
    "capacity": 1000,
    "allocated": 900,
    "configuration": {},
    "published_at": "2026-06-01T12:00:00Z",
}
DRAFT: dict[str, Any] = {
    **EVENT_FOR_STAFF,
    "status": "draft",
    "price_from": None,
    "price_to": None,
    "is_available": False,
    "allocated": 0,
    "published_at": None,
}
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//TruFan//TruFan//EN\r\nBEGIN:VEVENT\r\nSUMMARY:Opening Night\r\n"
    "DTSTART:20260703T233000Z\r\nDTEND:20260704T023000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
READINESS: dict[str, Any] = {
    "is_ready": False,
    "lacks": [
        {
            "code": "no_ticket_type",
            "message": "The event has no open ticket type to sell.",
            "place": "ticket_types",
            "id": None,
            "blocks": True,
        }
    ],
}
MESSAGE_REQUEST: dict[str, Any] = {"subject": "Doors open earlier", "text": "Doors open at 6 pm. See you there."}
MESSAGE: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000b001",
    "status": "running",
    "created_at": "2026-07-02T15:00:00Z",
}
MESSAGE_PROGRESS: dict[str, Any] = MESSAGE | {
    "subject": "Doors open earlier",
    "finished_at": None,
    "total": 840,
    "queued": 500,
    "waiting": 20,
    "sent": 470,
    "failed": 2,
    "withheld": 8,
}
MESSAGES: dict[str, Any] = {"messages": [MESSAGE_PROGRESS]}
MESSAGE_PREVIEW: dict[str, Any] = {
    "people": 840,
    "mail": {
        "subject": "Doors open earlier",
        "text": "Doors open at 6 pm. See you there.\n\nThis message is for everybody who holds tickets for "
        "Opening Night.\n",
        "html": "<!DOCTYPE html>…",
    },
    "sms": "Opening Night: Doors open at 6 pm. See you there.",
    "push": {"title": "Doors open earlier", "text": "Doors open at 6 pm. See you there."},
}
