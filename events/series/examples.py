"""Example bodies for the API's documentation."""

from typing import Any

from events.examples import EVENT

COPIES_REQUEST: dict[str, Any] = {"rule": {"every": "week", "weekdays": ["fri", "sat"], "until": "2026-08-31"}}
SERIES: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000d001",
    "venue": EVENT["venue"]["id"],
    "name": "Opening Night",
    "events": 18,
    "drafts": 17,
    "first_starts_at": "2026-07-03T23:30:00Z",
    "last_starts_at": "2026-08-29T23:30:00Z",
    "created_at": "2026-06-01T12:00:00Z",
}
_SHORT: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000e002",
    "name": "Opening Night",
    "status": "draft",
    "starts_at": "2026-07-04T23:30:00Z",
    "starts_at_local": "2026-07-04T19:30:00-04:00",
}
COPIED: dict[str, Any] = {"series": SERIES, "events": [_SHORT]}
_REFUSED: dict[str, Any] = {
    "event": _SHORT,
    "code": "not_sellable",
    "message": "The event has no open ticket type to sell.",
}
PUBLISHED: dict[str, Any] = {"published": [{**_SHORT, "status": "published"}], "refused": [_REFUSED]}
CHANGE_REQUEST: dict[str, Any] = {"since": "2026-08-01", "field": "starts_at", "value": "20:00"}
CHANGES_MADE: dict[str, Any] = {
    "changed": [{"event": _SHORT, "old": "2026-07-04T23:30:00Z", "new": "2026-07-05T00:00:00Z"}],
    "refused": [{**_REFUSED, "code": "validation_error", "message": "An event ends after it starts."}],
}
