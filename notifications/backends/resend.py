"""Resend through anymail, with the key by which Resend knows a repetition for 24 hours."""

from __future__ import annotations

from typing import Any

from anymail.backends.resend import EmailBackend as ResendBackend


class EmailBackend(ResendBackend):
    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        """The mail's own `Message-ID`, which is the same at each attempt, is the key."""
        payload = super().build_message_payload(message, defaults)
        if key := message.extra_headers.get("Message-ID"):
            payload.headers["Idempotency-Key"] = key
        return payload
