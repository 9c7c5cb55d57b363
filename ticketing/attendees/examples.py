"""Example bodies for the API's documentation."""

from typing import Any

from ticketing.examples import TICKET

_EVENT = TICKET["event"]["id"]
_MEAL, _RULES = "0199f3a2-d100-7d3a-a1b2-c3d4e5f60718", "0199f3a2-d200-7d3a-a1b2-c3d4e5f60718"

QUESTION_REQUEST: dict[str, Any] = {
    "text": "What would you like to eat?",
    "kind": "choice",
    "choices": ["Vegetarian", "Fish", "Nothing"],
    "required": True,
}
QUESTION: dict[str, Any] = {
    "id": _MEAL, "event": _EVENT, **QUESTION_REQUEST, "ticket_types": [], "position": 0, "is_active": True,
}  # fmt: skip
ATTENDEE_REQUEST: dict[str, Any] = {
    "name": "Finn Friend",
    "email": "finn@example.com",
    "answers": {_MEAL: "Fish", _RULES: True},
}
_ANSWERED: list[dict[str, Any]] = [
    {"question": _MEAL, "asked": QUESTION["text"], "value": "Fish", "answered_at": "2026-06-20T18:01:30Z"},
    {
        "question": _RULES,
        "asked": "I have read the house rules.",
        "value": True,
        "answered_at": "2026-06-20T18:01:30Z",
    },
]
ATTENDEE: dict[str, Any] = {
    "ticket": TICKET["id"],
    **ATTENDEE_REQUEST,
    "answered": _ANSWERED,
    "missing": [],
    "asked": {"names": "required", "emails": "optional", "questions": [QUESTION]},
    "editable_until": "2026-07-02T23:30:00Z",
    "is_editable": True,
}
ATTENDEE_ROW: dict[str, Any] = {
    "ticket": TICKET["id"],
    "number": TICKET["number"],
    "status": "valid",
    "ticket_type": TICKET["ticket_type"],
    "seat": "",
    "order": "4H2N8V6TKC",
    "name": "Finn Friend",
    "email": "finn@example.com",
    "answered": _ANSWERED,
    "missing": [],
}
