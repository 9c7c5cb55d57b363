"""A scanner without a network, written from docs/door.md alone: nothing of ours is imported."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """The bytes are no manifest of this venue, or an older one than the scanner holds."""


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Scanner:
    """`trusted`: the venue's public keys by key id, from `GET /venues/{id}/ticket-keys`."""

    trusted: dict[str, bytes]
    header: dict[str, Any] = field(default_factory=dict)
    tickets: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, content: bytes) -> None:
        """Learn a manifest, a full one or what changed since the last."""
        header, rows = self._open(content)
        if header["since"] is None:
            self.tickets = {}
        elif header["since"] != self.header.get("version"):
            raise Refused("made for another")
        self.header = header
        for row in rows:
            self.tickets[row.pop("id")] = row

    def _open(self, content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if content[:4] != b"TFM1":
            raise Refused("not a manifest")
        (length,) = struct.unpack(">I", content[4:8])
        header = json.loads(content[8 : 8 + length])
        if header["signed_by"] not in self.trusted:
            raise Refused("signed by a stranger")
        try:
            key = Ed25519PublicKey.from_public_bytes(self.trusted[header["signed_by"]])
            key.verify(content[-64:], content[:-64])
        except InvalidSignature:
            raise Refused("changed on the way") from None
        return header, self._rows(header["tickets"], content[8 + length : -64])

    def _rows(self, described: dict[str, Any], packed: bytes) -> list[dict[str, Any]]:
        width = described["row_bytes"]
        if len(packed) != width * described["count"]:
            raise Refused("cut short")
        return [self._row(described, packed[at : at + width]) for at in range(0, len(packed), width)]

    def _row(self, described: dict[str, Any], packed: bytes) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for each in described["fields"]:
            raw = packed[each["offset"] : each["offset"] + each["bytes"]]
            row[each["name"]] = str(UUID(bytes=raw)) if each["name"] == "id" else int.from_bytes(raw, "big")
        row["status"] = described["statuses"][row["status"]]
        row["flags"] = sorted(name for name, bit in described["flags"].items() if row["flags"] & bit)
        for name, legend in described["legends"].items():
            row[name] = None if row[name] == 0xFFFF else legend[row[name]]
        return row

    def scan(self, text: str, at: datetime) -> str:
        """The reason of a refusal, or nothing; and then the ticket is used."""
        text, number = text.strip().upper(), ""
        if text.startswith("TF2:"):
            text, number = text[:168], text[168:]
        if len(text) != 168 or text[:4] not in ("TF1:", "TF2:"):
            return "unknown"
        raw = base64.b32decode(text[4:] + "====")
        key_id, ticket_id, event_id, version = struct.unpack(">4s16s16sH", raw[:38])
        if key_id.hex() not in self.trusted:
            return "forged"
        try:
            Ed25519PublicKey.from_public_bytes(self.trusted[key_id.hex()]).verify(
                raw[38:], text[:4].encode() + raw[:38]
            )
        except InvalidSignature:
            return "forged"
        if str(UUID(bytes=event_id)) != self.header["event"]["id"]:
            return "wrong_event"
        return self._rotating(key_id, ticket_id, version, number, at) or self._state(ticket_id, version, at)

    def _rotating(self, key_id: bytes, ticket_id: bytes, version: int, number: str, at: datetime) -> str:
        rules = self.header["rotation"]
        if rules is None:
            return ""
        if not number:
            return "code_not_rotating"
        door_key = unpadded(rules["door_keys"][key_id.hex()])
        secret = hmac.digest(door_key, ticket_id + version.to_bytes(2, "big"), "sha256")
        now = int(at.timestamp()) // rules["period"]
        steps = range(now - rules["tolerance"], now + rules["tolerance"] + 1)
        return "" if number in [self._number(secret, step, rules["digits"]) for step in steps] else "screenshot"

    def _number(self, secret: bytes, step: int, digits: int) -> str:
        mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha256).digest()
        at = mac[31] & 15
        return str((int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF) % 10**digits).zfill(digits)

    def _state(self, ticket_id: bytes, version: int, at: datetime) -> str:
        ticket = self.tickets.get(str(UUID(bytes=ticket_id)))
        if ticket is None:
            return "unknown"
        void = self._void(ticket)
        if version != ticket["code_version"] and void in ("", "already_used"):
            return "outdated_code"
        if void or self._hours(at):
            return void or self._hours(at)
        ticket["status"], ticket["used_at"] = "used", int(at.timestamp())
        return ""

    def _void(self, ticket: dict[str, Any]) -> str:
        if self.header["event"]["status"] == "cancelled":
            return "event_cancelled"
        if "frozen" in ticket["flags"]:
            return "disputed"
        if ticket["status"] == "refunded":
            return "refunded"
        if ticket["status"] == "used":
            return "already_used"
        return "refund_pending" if "returning" in ticket["flags"] else ""

    def _hours(self, at: datetime) -> str:
        event = self.header["event"]
        if at < datetime.fromisoformat(event["doors_at"]):
            return "not_yet"
        over = at > datetime.fromisoformat(event["admits_until"]) or event["status"] == "completed"
        return "too_late" if over else ""
