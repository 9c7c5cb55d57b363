"""Many promo codes paused, resumed or ended at once. Orders that have one of them keep what it took off."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext, ngettext

from audit.trail import record
from orders.promos.managing import MAX_BATCH
from orders.promos.models import PromoCode, PromoUse
from trufan.lib.errors import Invalid


class Deed(models.TextChoices):
    """What is done to all of them."""

    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


@dataclass(frozen=True)
class Figures:
    """What a deed comes to: of `chosen` codes `changing` ones, `spared` that are so already or are over for good.

    `used` is how often those were used so far, `pending` how many orders hold one and are not paid yet.
    """

    chosen: int
    changing: int
    used: int
    pending: int

    @property
    def spared(self) -> int:
        return self.chosen - self.changing


def foretell(promos: models.QuerySet, deed: str, now: datetime) -> Figures:
    """What `apply` would do now. Raises `Invalid` for more than `MAX_BATCH` codes."""
    return _figures(_rows(promos), deed, now)


def apply(promos: models.QuerySet, deed: str, *, by: Any, now: datetime) -> Figures:
    """Do it to all of these that it changes, each with its audit entry, or to none. Raises `Invalid` for too many."""
    with transaction.atomic():
        rows = _rows(promos.select_for_update(of=("self",), no_key=True).order_by("pk"))
        told = _figures(rows, deed, now)
        for promo in (each for each in rows if _CHANGES[Deed(deed)](each, now)):
            fields = _fields(promo, deed, now)
            old = {name: getattr(promo, name) for name in fields}
            PromoCode.objects.filter(pk=promo.pk).update(**fields, updated_at=now)
            record("promo_code.changed", promo, old=old, new=fields, actor=by, venue_id=promo.venue_id)
    return told


def in_words(told: Figures, deed: str) -> str:
    """The consequence, for who is about to press."""
    words = {
        Deed.PAUSE: ngettext(
            "{count} code is paused: nobody can use it until it is resumed.",
            "{count} codes are paused: nobody can use them until they are resumed.",
            told.changing,
        ),
        Deed.RESUME: ngettext(
            "{count} code can be used again.", "{count} codes can be used again.", told.changing
        ),
        Deed.END: ngettext(
            "{count} code ends now, for good.", "{count} codes end now, for good.", told.changing
        ),
    }[Deed(deed)].format(count=told.changing)  # fmt: skip
    rest = gettext(
        "So far they were used {used} times. Unpaid orders that have one: {pending}; these keep what it took off. "
        "Chosen codes that stay as they are: {spared}."
    )
    return " ".join([words, rest.format(used=told.used, pending=told.pending, spared=told.spared)])


def _rows(promos: models.QuerySet) -> list[PromoCode]:
    rows = list(promos[: MAX_BATCH + 1])
    if len(rows) > MAX_BATCH:
        raise Invalid(gettext("Choose at most {count} codes at once.").format(count=MAX_BATCH))
    return rows


def _figures(rows: Collection[PromoCode], deed: str, now: datetime) -> Figures:
    changing = [promo for promo in rows if _CHANGES[Deed(deed)](promo, now)]
    return Figures(
        chosen=len(rows),
        changing=len(changing),
        used=sum(promo.used for promo in changing),
        pending=_pending([promo.pk for promo in changing]),
    )


def _pending(ids: list[UUID]) -> int:
    held = PromoUse.objects.filter(status=PromoUse.Status.HELD).order_by()
    return sum(held.filter(promo__in=ids[at : at + 500]).count() for at in range(0, len(ids), 500))


def _is_over(promo: PromoCode, now: datetime) -> bool:
    return promo.ends_at is not None and promo.ends_at <= now


_CHANGES: dict[Deed, Callable[[PromoCode, datetime], bool]] = {
    Deed.PAUSE: lambda promo, now: promo.is_active and not _is_over(promo, now),
    Deed.RESUME: lambda promo, now: not promo.is_active and not _is_over(promo, now),
    Deed.END: lambda promo, now: not _is_over(promo, now),
}


def _fields(promo: PromoCode, deed: str, now: datetime) -> dict[str, Any]:
    if deed != Deed.END:
        return {"is_active": deed == Deed.RESUME}
    # One that has not begun never does: a window may not end before it begins.
    never_began = promo.starts_at is not None and promo.starts_at >= now
    return {"ends_at": now, **({"starts_at": None} if never_began else {})}
