"""Examples of the API's answers about reports."""

from __future__ import annotations

from typing import Any

from trufan.lib.words import lazy as _

_MEASURES: list[dict[str, Any]] = [
    {"key": "gross", "title": _("charged"), "kind": "money", "summed": True},
    {"key": "refunded", "title": _("given back"), "kind": "money", "summed": True},
    {"key": "kept", "title": _("stayed"), "kind": "money", "summed": False},
]
REPORT: dict[str, Any] = {
    "key": "sales",
    "title": _("Sales"),
    "question": _("What was sold, and what of it stayed?"),
    "dimensions": [{"key": "day", "title": _("day")}, {"key": "kind", "title": _("kind")}],
    "measures": _MEASURES,
    "filters": [{"key": "channel", "title": _("Channel")}],
}
ANSWER: dict[str, Any] = {
    "report": "sales",
    "title": _("Sales"),
    "currency": "USD",
    "period": {"since": "2026-11-01", "until": "2026-11-30"},
    "compared_with": {"since": "2026-10-01", "until": "2026-10-31"},
    "as_of": "2026-11-30T21:14:03Z",
    "group_by": "kind",
    "measures": _MEASURES,
    "rows": [
        {
            "key": "ticket",
            "name": "tickets",
            "figures": {"gross": 1_250_000, "refunded": 50_000, "kept": 1_200_000},
            "before": {"gross": 1_000_000, "refunded": 0, "kept": 1_000_000},
            "change": {"gross": 250_000, "refunded": 50_000, "kept": 200_000},
        }
    ],
    "totals": {
        "key": None,
        "name": "total",
        "figures": {"gross": 1_250_000, "refunded": 50_000, "kept": 1_200_000},
        "before": {"gross": 1_000_000, "refunded": 0, "kept": 1_000_000},
        "change": {"gross": 250_000, "refunded": 50_000, "kept": 200_000},
    },
}
CSV: Any = "kind,currency,charged,given back,stayed\r\ntickets,USD,12500.00,500.00,12000.00\r\n"
NEW_SCHEDULE: dict[str, Any] = {
    "name": "Sales of last week",
    "report": "sales",
    "group_by": "event",
    "filters": {"channel": "web"},
    "period": "last_week",
    "compare": "previous",
    "file": "xlsx",
    "cadence": "weekly",
    "weekday": 0,
    "month_day": 1,
    "hour": 7,
    "recipients": ["0198c0de-7a11-7000-8000-00000000b001"],
    "is_active": True,
}
SCHEDULE: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000b002",
    **NEW_SCHEDULE,
    "next_run_at": "2026-11-23T12:00:00Z",
    "last_run_at": "2026-11-16T12:00:07Z",
    "last_result": "Sent to 1 of 1.",
    "created_at": "2026-11-10T09:30:00Z",
}
