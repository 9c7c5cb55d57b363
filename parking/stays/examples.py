"""What the endpoints of stays and of the gate are documented with."""

from __future__ import annotations

from typing import Any

from parking.stays.money_examples import DUE

_LOT = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"
_STAY = "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d"
_ACCESS = "N3X7QK2M5V4Z6T8RJ1W9PYDHCA"
_CODE = "PS1.AGM7HIUNCB5JXDD5NZPUUOZMDUAACQ5XK2R7LQ3N6PTA"
_PAY: dict[str, Any] = {
    "due": f"/api/v1/parking/sessions/{_STAY}/due",
    "pay": f"/api/v1/parking/sessions/{_STAY}/pay",
    "extend": f"/api/v1/parking/sessions/{_STAY}/extend",
    "url": f"http://localhost:8000/parking/sessions/{_STAY}#access_code={_ACCESS}",
}
_AT: dict[str, Any] = {
    "id": _LOT, "name": "North Lot", "venue": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f05",
    "time_zone": "America/New_York", "has_barrier": True, "exit_grace_minutes": 15,
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    "id": _STAY, "number": "S7K3M9Q2XH", "status": "active", "origin": "gate", "lot": _AT, "kind": "standard",
    "space": "", "plate": "ABC 1234", "reservation": None, "event": None, "started_at": "2026-11-20T18:00:00Z",
    "expires_at": None, "ended_at": None, "leave_by": None, "currency": "USD",
}  # fmt: skip
STAY: dict[str, Any] = {
    **SUMMARY, "multiplier": 1.1,
    "tariff": ["$5.00 for the first hour, then $2.00 for each 30 minutes begun.", "At most $40.00 for each 24 hours."],
    "due": DUE, "pay": _PAY, "code": _CODE, "contact": None, "history": None,
}  # fmt: skip
OF_STAFF: dict[str, Any] = {
    **STAY,
    "contact": {"email": "fay@example.com", "phone": ""},
    "history": [
        {
            "at": "2026-11-20T18:00:00Z", "action": "parking_session.started", "words": "Came in", "by": "Val Staff",
            "details": {"before": {}, "after": {"lot": _LOT, "kind": "standard", "origin": "gate"}},
        },
    ],
}  # fmt: skip
STARTED: dict[str, Any] = {**STAY, "access_code": _ACCESS}
START: dict[str, Any] = {"sign_code": "K7M2QX", "plate": "ABC 1234", "contact": {"phone": "+12125550123"}}
LOOK_UP: dict[str, Any] = {"sign_code": "K7M2QX", "plate": "ABC 1234"}
FOUND: dict[str, Any] = {
    "id": _STAY, "lot": _AT, "started_at": "2026-11-20T18:00:00Z", "due": DUE, "pay": _PAY, "access_code": _ACCESS,
}  # fmt: skip
SEEN: dict[str, Any] = {
    "lot": _LOT, "plate": "ABC 1234", "gate": "North 1", "nonce": "cam7-000481",
    "seen_at": "2026-11-20T18:00:00Z",
}  # fmt: skip
ENTERED: dict[str, Any] = {
    "id": "0199f3a2-8d11-7b00-9c00-0a1b2c3d4e5f", "direction": "entry", "open": True, "reason": "",
    "message": "Welcome.", "override": "",
    "session": {
        "id": _STAY, "number": "S7K3M9Q2XH", "space": "", "started_at": "2026-11-20T18:00:00Z", "expires_at": None,
        "code": _CODE,
    },
    "reservation": None, "amount_due": 0, "currency": "USD", "pay_url": "", "previous": None, "plate": "ABC 1234",
    "gate": "North 1", "nonce": "cam7-000481", "seen_at": "2026-11-20T18:00:00Z",
}  # fmt: skip
NOT_PAID: dict[str, Any] = {
    **ENTERED, "id": "0199f3a2-8d12-7b00-9c00-0a1b2c3d4e5f", "direction": "exit", "open": False, "reason": "not_paid",
    "message": "Pay $6.53 before leaving.", "amount_due": 653, "pay_url": _PAY["url"], "nonce": "cam8-000482",
    "gate": "North exit", "seen_at": "2026-11-20T19:10:00Z",
}  # fmt: skip
