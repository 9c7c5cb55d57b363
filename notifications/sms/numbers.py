"""Phone numbers: which can be one, how they are shown to whom they don't concern, and which of ours is a venue's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import phonenumbers
from django.db import transaction

from audit.trail import record
from notifications.sms.models import SmsNumber
from trufan.lib.errors import Conflict, Invalid
from trufan.lib.words import lazy as _

#: What is left of a number for who may not see it.
_SHOWN = 4


class NumberTaken(Conflict):
    """A number is one venue's, or the platform's."""

    code, message = "sms_number_taken", _("This number is on the list already.")


def e164(given: str) -> str:
    """The number as it is dialled from anywhere, or nothing where it can't be one."""
    try:
        parsed = phonenumbers.parse(given.strip(), None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def mask(number: str) -> str:
    """`+1*******0123`: enough to tell two apart."""
    if len(number) <= _SHOWN + 2:
        return "*" * len(number)
    return number[:2] + "*" * (len(number) - _SHOWN - 2) + number[-_SHOWN:]


def of_venue(venue_id: UUID | None) -> str:
    """The number that messages of the venue (None: the platform) come from; nothing where it has none of its own."""
    rows = SmsNumber.objects.filter(venue_id=venue_id, is_active=True).order_by("created_at", "pk")
    return rows.values_list("number", flat=True).first() or ""


def venue_of(number: str) -> UUID | None:
    """Whose number was written to; None for the platform's, and for one that is not listed."""
    return SmsNumber.objects.filter(number=number).values_list("venue_id", flat=True).first()


def add(*, number: str, venue_id: UUID | None, is_active: bool, by: Any) -> SmsNumber:
    """List a number of ours. Raises `Invalid` (`number`), `NumberTaken`."""
    known = _checked(number)
    with transaction.atomic():
        row = SmsNumber(number=known, venue_id=venue_id, is_active=is_active)
        SmsNumber.objects.bulk_create([row], ignore_conflicts=True)
        if not SmsNumber.objects.filter(pk=row.pk).exists():
            raise NumberTaken
        record("sms_number.added", row, new={"is_active": is_active}, actor=by)
    return row


def change(row: SmsNumber, *, by: Any, **changes: Any) -> SmsNumber:
    """Give a number to another venue, or send from it no more. The number itself stays what it is."""
    old = {name: getattr(row, name) for name in changes}
    with transaction.atomic():
        SmsNumber.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
        record("sms_number.changed", row, old=old, new=changes, actor=by)
    return row


def _checked(number: str) -> str:
    known = e164(number)
    if not known:
        raise Invalid.field("number", "Give the number with its country code, such as +12125550100.", "invalid_number")
    return known
