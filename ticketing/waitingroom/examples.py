"""Example bodies for the API's documentation."""

from typing import Any

_EVENT = "0199f3a2-b000-7c11-9a2b-3c4d5e6f7081"
PLACE: dict[str, Any] = {
    "token": "WAIT.AGM7HIWRABZ5BYNSYPKOL5QHDAAAC5GQ2XJ7VZ6KM4",
    "id": "0199f3a2-d100-73d0-e1b2-c3d4e5f60718",
    "event": _EVENT,
    "state": "waiting",
    "position": 412,
    "expected_minutes": 18,
    "poll_after": 30,
    "starts_at": "2026-06-20T16:00:00Z",
    "draw": "1203948571203948571",
    "admission_token": None,
    "pass_expires_at": None,
}
ADMITTED: dict[str, Any] = {
    **PLACE,
    "state": "admitted",
    "position": None,
    "expected_minutes": None,
    "admission_token": "PASS.AGM7HIWRABZ5BYNSYPKOL5QHDAAACQW3ZK5R6T2Y7A",
    "pass_expires_at": "2026-06-20T16:28:00Z",
}
ROOM: dict[str, Any] = {
    "event": _EVENT,
    "status": "active",
    "opens_at": "2026-06-20T15:30:00Z",
    "starts_at": "2026-06-20T16:00:00Z",
    "pass_minutes": 10,
    "orders_per_pass": 1,
    "proof_of_work_bits": 0,
    "seed_hash": "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",
    "seed": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
}
ROOM_FOR_STAFF: dict[str, Any] = {
    **ROOM,
    "at_once": 100,
    "batch": 50,
    "numbers": {
        "waiting": 8_412, "inside": 100, "done": 1_240, "left": 31, "expired": 217, "seconds_each": 164,
        "a_minute": 36.6,
    },
}  # fmt: skip
CHALLENGE: dict[str, Any] = {
    "challenge": "0199f3a2c0007d3aa1b2c3d4e5f60718.18.1782000000.9f86d081884c7d65.2c26b46b68ffc68ff99b453c1d304134",
    "bits": 18,
    "expires_at": "2026-06-20T16:05:00Z",
}
