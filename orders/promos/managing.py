"""Making and changing promo codes, one by one or many alike."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from audit.trail import record
from orders.errors import PromoCodeTaken
from orders.promos.applying import normal
from orders.promos.models import PromoCode
from trufan.lib.errors import Detail, Invalid
from trufan.lib.money import MAX_AMOUNT
from venues.models import FeeRule, Venue

#: Without 0, 1, I, L, O and U: read from paper and typed on a phone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Ten characters of 30: 49 bits, which nobody guesses at the rate that is allowed.
RANDOM_LENGTH = 10
MAX_BATCH = 5_000
#: Rows in one statement.
_BATCH = 500
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}")
_PREFIX = re.compile(r"([A-Z0-9][A-Z0-9_-]{0,19})?")
Kind = PromoCode.Kind
#: What staff decide.
FIELDS = (
    "code", "name", "kind", "ppm", "amount", "pieces", "maximum", "event", "item_type", "outlet", "product",
    "starts_at", "ends_at", "total_limit", "per_person_limit", "is_stackable", "is_active",
)  # fmt: skip
_ROWS = ("event", "outlet", "product")
#: What codes of one batch have in common.
TERMS = tuple(name for name in FIELDS if name != "code")


def create(venue: Venue, by: Any, **fields: Any) -> PromoCode:
    """Offer a new code. Raises `PromoCodeTaken`, `Invalid` with the fields that make no sense."""
    with transaction.atomic():
        promo = PromoCode(venue=venue, **fields)
        check(promo)
        _save(promo)
        record("promo_code.created", promo, new=values(promo), actor=by, venue_id=venue.pk)
    return promo


def change(promo: PromoCode, by: Any, **fields: Any) -> PromoCode:
    """Change a code for orders placed or changed from now on. Raises `PromoCodeTaken`, `Invalid`."""
    with transaction.atomic():
        promo = PromoCode.objects.select_for_update(of=("self",), no_key=True).select_related("venue").get(pk=promo.pk)
        before = values(promo)
        for name, value in fields.items():
            setattr(promo, name, value)
        check(promo)
        if promo.code != before["code"] and (promo.used or promo.uses.exists()):
            # Orders and charges name the codes they were placed with.
            raise Invalid.field("code", gettext("It was used under this name. Switch it off and make another."))
        if values(promo) != before:
            _save(promo)
            record("promo_code.changed", promo, old=before, new=values(promo), actor=by, venue_id=promo.venue_id)
    return promo


def generate(venue: Venue, by: Any, *, count: int, prefix: str = "", batch: str, **terms: Any) -> list[PromoCode]:
    """Make so many codes of the same terms, each for one use unless `total_limit` says otherwise.

    `batch` names them, for the list and the download. Raises `Invalid`.
    """
    prefix = normal(prefix)
    if not 1 <= count <= MAX_BATCH:
        raise Invalid.field("count", gettext("Make 1 to {max_batch} codes at once.").format(max_batch=MAX_BATCH))
    if not _PREFIX.fullmatch(prefix):
        raise Invalid.field(
            "prefix", gettext("A prefix is up to 20 letters, digits, - and _, and begins with a letter or digit.")
        )
    batch = batch.strip()
    if not batch or len(batch) > 60 or PromoCode.objects.filter(venue=venue, batch=batch).exists():
        raise Invalid.field(
            "batch", gettext("Give the batch a name of its own, of up to 60 characters."), "batch_taken"
        )
    terms.setdefault("total_limit", 1)
    words: set[str] = set()
    while len(words) < count:
        words.add(prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH)))
    made = [PromoCode(venue=venue, code=word, batch=batch, **terms) for word in sorted(words)]
    check(made[0])
    try:
        with transaction.atomic():
            PromoCode.objects.bulk_create(made, batch_size=_BATCH)
            record(
                "promo_code.batch_made",
                venue,
                new={**values(made[0]), "code": prefix, "batch": batch, "count": count},
                actor=by,
            )
    except IntegrityError:
        raise PromoCodeTaken from None
    return made


def generate_like(
    promo: PromoCode, *, count: int, begins_with: str, batch: str, by: Any, now: datetime
) -> list[PromoCode]:
    """A batch on the terms of an existing code, each for one use."""
    terms = {name: getattr(promo, name) for name in TERMS} | {"total_limit": 1, "is_active": True}
    return generate(promo.venue, by, count=count, prefix=begins_with, batch=batch, **terms)


def locked_by_code(venue: Venue, codes: Sequence[str]) -> dict[str, PromoCode]:
    """Those of these codes that the venue has, which stay as they are until the transaction ends."""
    found: dict[str, PromoCode] = {}
    for at in range(0, len(codes), _BATCH):
        rows = PromoCode.objects.filter(venue=venue, code__in=codes[at : at + _BATCH]).order_by("pk")
        for promo in rows.select_related("event", "outlet", "product__outlet").select_for_update(
            of=("self",), no_key=True
        ):
            promo.venue = venue
            found[promo.code] = promo
    return found


def write_many(by: Any, new: Sequence[PromoCode], changed: Sequence[tuple[PromoCode, dict[str, Any]]]) -> None:
    """Write codes that are checked: new ones, and changed ones with what they were (`values`), locked by the caller.

    A statement for each five hundred, and an audit entry for each changed code; new ones are told as a whole by
    whoever makes them. Raises `PromoCodeTaken`.
    """
    now = timezone.now()
    for promo, _before in changed:
        promo.updated_at = now
    try:
        with transaction.atomic():
            PromoCode.objects.bulk_create(new, batch_size=_BATCH)
            PromoCode.objects.bulk_create(
                [promo for promo, _before in changed],
                batch_size=_BATCH,
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=[*FIELDS, "updated_at"],
            )
    except IntegrityError:
        raise PromoCodeTaken from None
    for promo, before in changed:
        record("promo_code.changed", promo, old=before, new=values(promo), actor=by, venue_id=promo.venue_id)


def check(promo: PromoCode) -> None:
    """Raise `Invalid` naming every field that makes no sense; the code becomes as it is kept."""
    promo.code = normal(promo.code)
    wrong = [Detail(field, "invalid", message) for field, message in (*_terms(promo), *_scope(promo), *_limits(promo))]
    if wrong:
        raise Invalid(details=wrong)


def _terms(promo: PromoCode) -> Iterable[tuple[str, str]]:
    if not _CODE.fullmatch(promo.code):
        yield "code", gettext("A code is 3 to 40 letters, digits, - and _, and begins with a letter or digit.")
    if promo.kind not in Kind.values:
        yield "kind", gettext("One of {names}.").format(names=", ".join(Kind.values))
    if promo.kind in (Kind.PERCENT, Kind.PARKING) and not 1 <= promo.ppm <= 1_000_000:
        yield "ppm", gettext("Say how much of the price, up to all of it.")
    if promo.kind == Kind.FIXED and not 1 <= promo.amount <= MAX_AMOUNT:
        yield "amount", gettext("Say how much comes off.")
    if promo.kind == Kind.FREE_ITEM and promo.pieces < 1:
        yield "pieces", gettext("At least one piece is free.")
    if promo.maximum is not None and not 1 <= promo.maximum <= MAX_AMOUNT:
        yield "maximum", gettext("At least one minor unit, or leave it empty.")


def _scope(promo: PromoCode) -> Iterable[tuple[str, str]]:
    if promo.event is not None and promo.event.venue_id != promo.venue_id:
        yield "event", gettext("This is another venue's.")
    if promo.outlet is not None and promo.outlet.venue_id != promo.venue_id:
        yield "outlet", gettext("This is another venue's.")
    if promo.product is not None and promo.product.outlet.venue_id != promo.venue_id:
        yield "product", gettext("This is another venue's.")
    if promo.event is not None and (promo.outlet or promo.product):
        yield "event", gettext("What outlets sell belongs to no event: choose one or the other.")
    if promo.product is not None and promo.outlet is not None and promo.product.outlet_id != promo.outlet_id:
        yield "product", gettext("The outlet does not sell this.")
    if promo.item_type and promo.item_type not in FeeRule.Kind.values:
        yield "item_type", gettext("One of {names}.").format(names=", ".join(FeeRule.Kind.values))
    if promo.kind == Kind.PARKING and promo.item_type not in ("", FeeRule.Kind.PARKING):
        yield "item_type", gettext("Parking validation is for parking.")


def _limits(promo: PromoCode) -> Iterable[tuple[str, str]]:
    if promo.starts_at and promo.ends_at and promo.ends_at <= promo.starts_at:
        yield "ends_at", gettext("It ends before it starts.")
    if promo.total_limit is not None and promo.total_limit < max(promo.used, 1):
        yield (
            "total_limit",
            gettext("It was used {used} times already; to stop it, switch it off.").format(used=promo.used),
        )
    if promo.per_person_limit is not None and promo.per_person_limit < 1:
        yield "per_person_limit", gettext("At least once, or leave it empty.")


def _save(promo: PromoCode) -> None:
    # `used` moves under buyers' hands and is theirs alone.
    columns = None if promo._state.adding else [*FIELDS, "updated_at"]
    try:
        with transaction.atomic():
            promo.save(update_fields=columns)
    except IntegrityError:
        raise PromoCodeTaken from None


def values(promo: PromoCode) -> dict[str, Any]:
    """What the audit trail keeps: rows by their ids."""
    return {name: getattr(promo, f"{name}_id" if name in _ROWS else name) for name in FIELDS}
