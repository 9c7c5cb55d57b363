"""Making and changing unlock codes, one by one or many alike."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from orders.promos.applying import normal
from orders.promos.managing import ALPHABET, MAX_BATCH, RANDOM_LENGTH
from ticketing.models import TicketType
from ticketing.pricing.errors import UnlockCodeTaken
from ticketing.pricing.models import UnlockCode
from trufan.lib.errors import Detail, Invalid

#: What staff decide, beside the ticket types.
FIELDS = ("code", "name", "max_uses", "starts_at", "ends_at", "is_active")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}")
_PREFIX = re.compile(r"([A-Z0-9][A-Z0-9_-]{0,19})?")


def create(event: Event, by: Any, *, ticket_types: Sequence[TicketType], **fields: Any) -> UnlockCode:
    """Add a code. Raises `UnlockCodeTaken`, `Invalid` with the fields that make no sense."""
    with transaction.atomic():
        code = UnlockCode(event=event, **fields)
        _check(code, ticket_types)
        _save(code)
        code.ticket_types.set(ticket_types)
        record("unlock_code.created", code, new=_values(code), actor=by, venue_id=event.venue_id)
    return code


def change(code: UnlockCode, by: Any, /, **fields: Any) -> UnlockCode:
    """Change a code for carts priced from now on. Raises `UnlockCodeTaken`, `Invalid`."""
    with transaction.atomic():
        rows = UnlockCode.objects.select_related("event__venue")
        code = rows.select_for_update(of=("self",), no_key=True).get(pk=code.pk)
        before = _values(code)
        types = list(fields.pop("ticket_types", code.ticket_types.all()))
        for name, value in fields.items():
            setattr(code, name, value)
        _check(code, types)
        if code.code != before["code"] and code.used:
            raise Invalid.field("code", gettext("It was used under this name. Switch it off and make another."))
        code.ticket_types.set(types)
        if _values(code) != before:
            _save(code)
            record("unlock_code.changed", code, old=before, new=_values(code), actor=by, venue_id=code.event.venue_id)
    return code


def generate(
    event: Event, by: Any, *, ticket_types: Sequence[TicketType], count: int, batch: str, prefix: str = "", **terms: Any
) -> list[UnlockCode]:
    """Make so many codes that open the same, each for one ticket unless `max_uses` says otherwise.

    `batch` names them, for the list and the download. Raises `Invalid`, `UnlockCodeTaken`.
    """
    prefix, batch = normal(prefix), batch.strip()
    if not 1 <= count <= MAX_BATCH:
        raise Invalid.field("count", gettext("Make 1 to {max_batch} codes at once.").format(max_batch=MAX_BATCH))
    if not _PREFIX.fullmatch(prefix):
        raise Invalid.field(
            "prefix", gettext("A prefix is up to 20 letters, digits, - and _, beginning with one of the first.")
        )
    if not batch or len(batch) > 60 or UnlockCode.objects.filter(event=event, batch=batch).exists():
        raise Invalid.field(
            "batch", gettext("Give the batch a name of its own, of up to 60 characters."), "batch_taken"
        )
    terms.setdefault("max_uses", 1)
    words: set[str] = set()
    while len(words) < count:
        words.add(prefix + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH)))
    made = [UnlockCode(event=event, code=word, batch=batch, **terms) for word in sorted(words)]
    _check(made[0], ticket_types)
    try:
        with transaction.atomic():
            _write(made, ticket_types)
            new = {"code": prefix, "batch": batch, "count": count, "ticket_types": [row.pk for row in ticket_types]}
            record("unlock_code.batch_made", event, new=new, actor=by, venue_id=event.venue_id)
    except IntegrityError:
        raise UnlockCodeTaken from None
    return made


def generate_like(
    code: UnlockCode, *, count: int, begins_with: str, batch: str, by: Any, now: datetime
) -> list[UnlockCode]:
    """A batch that opens what an existing code opens, in its window, each for one ticket."""
    return generate(
        code.event,
        by,
        ticket_types=list(code.ticket_types.all()),
        count=count,
        prefix=begins_with,
        batch=batch,
        name=code.name,
        starts_at=code.starts_at,
        ends_at=code.ends_at,
    )


def _write(made: Sequence[UnlockCode], ticket_types: Sequence[TicketType]) -> None:
    UnlockCode.objects.bulk_create(made, batch_size=500)
    links = UnlockCode.ticket_types.through
    links.objects.bulk_create(
        [links(unlockcode_id=code.pk, tickettype_id=row.pk) for code in made for row in ticket_types], batch_size=500
    )


def _check(code: UnlockCode, ticket_types: Sequence[TicketType]) -> None:
    """Raise `Invalid` naming every field that makes no sense."""
    code.code = normal(code.code)
    wrong = [Detail(field, "invalid", message) for field, message in _problems(code, ticket_types)]
    if wrong:
        raise Invalid(details=wrong)


def _problems(code: UnlockCode, ticket_types: Sequence[TicketType]) -> Iterable[tuple[str, str]]:
    if not _CODE.fullmatch(code.code):
        yield "code", gettext("A code is 3 to 40 letters, digits, - and _, and begins with a letter or digit.")
    if not ticket_types:
        yield "ticket_types", gettext("Say what it opens.")
    if any(row.event_id != code.event_id for row in ticket_types):
        yield "ticket_types", gettext("It opens ticket types of its event.")
    if code.starts_at and code.ends_at and code.ends_at <= code.starts_at:
        yield "ends_at", gettext("It ends before it starts.")
    if code.max_uses is not None and code.max_uses < max(code.used, 1):
        yield "max_uses", gettext("It was used {used} times already; to stop it, switch it off.").format(used=code.used)


def _save(code: UnlockCode) -> None:
    # `used` moves under buyers' hands and is theirs alone.
    columns = None if code._state.adding else [*FIELDS, "updated_at"]
    try:
        with transaction.atomic():
            code.save(update_fields=columns)
    except IntegrityError:
        raise UnlockCodeTaken from None


def _values(code: UnlockCode) -> dict[str, Any]:
    """What the audit trail keeps."""
    types = sorted(str(pk) for pk in code.ticket_types.values_list("pk", flat=True))
    return {**{name: getattr(code, name) for name in FIELDS}, "ticket_types": types}
