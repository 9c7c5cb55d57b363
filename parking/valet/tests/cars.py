"""What tests do with cars, and pictures of them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from parking.models import ValetTicket

TICKETS = "/api/v1/parking/valet/tickets"


def code(answer: Any) -> tuple[int, str]:
    """How it was refused."""
    return answer.status_code, answer.json()["error"]["code"]


def act(api: Any, who: Any, ticket: ValetTicket, what: str, **asked: Any) -> Any:
    """One of the moves of a ticket at the API."""
    caller = api.as_(who) if who is not None else api
    return caller.post(f"{TICKETS}/{ticket.pk}/{what}", asked, format="json")


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> SimpleUploadedFile:
    """A red car from very near."""
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return SimpleUploadedFile(f"car.{kind.lower()}", out.getvalue())
