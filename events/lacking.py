"""What an event may lack before it can be sold, as a value: what readiness is told of by every app with a say in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from trufan.lib.errors import Detail


class Place(models.TextChoices):
    """Where it is mended."""

    EVENT = "event"
    VENUE = "venue"
    TICKET_TYPES = "ticket_types"
    SEATING = "seating"
    SLOTS = "slots"
    TAX_RATES = "tax_rates"
    PAYOUTS = "payouts"


@dataclass(frozen=True)
class Lack:
    """One thing that is missing. While one of them `blocks`, the event is not published; the others only warn.

    `row` is what to mend, where there is one already; without it something is to be added at `place`.
    """

    code: str
    message: str
    place: str
    blocks: bool = True
    row: models.Model | None = None

    def as_detail(self) -> Detail:
        return Detail(self.place, self.code, self.message)
