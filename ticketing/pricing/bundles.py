"""Making and changing bundles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from ticketing.models import TicketType
from ticketing.pricing.bundling import MOST_LINES, MOST_TICKETS
from ticketing.pricing.errors import BundleNameTaken
from ticketing.pricing.models import Bundle, BundleLine
from trufan.lib.errors import Detail, Invalid
from trufan.lib.money import MAX_AMOUNT

#: What staff decide, beside the lines.
FIELDS = ("name", "description", "price", "ppm", "max_per_order", "position", "is_active")
Lines = Sequence[tuple[TicketType, int]]


def create(event: Event, by: Any, *, lines: Lines = (), **fields: Any) -> Bundle:
    """Sell these tickets together; one without lines is not on sale yet. Raises `BundleNameTaken`, `Invalid`."""
    with transaction.atomic():
        bundle = Bundle(event=event, **fields)
        _check(bundle, lines)
        _save(bundle)
        _write(bundle, lines)
        record("bundle.created", bundle, new=_values(bundle), actor=by, venue_id=event.venue_id)
    return bundle


def change(bundle: Bundle, by: Any, *, lines: Lines | None = None, **fields: Any) -> Bundle:
    """Change it for carts priced from now on. Raises `BundleNameTaken`, `Invalid`."""
    with transaction.atomic():
        rows = Bundle.objects.select_related("event__venue")
        bundle = rows.select_for_update(of=("self",), no_key=True).get(pk=bundle.pk)
        before = _values(bundle)
        for name, value in fields.items():
            setattr(bundle, name, value)
        _check(bundle, _lines_of(bundle) if lines is None else lines)
        _save(bundle)
        if lines is not None:
            _write(bundle, lines)
        if _values(bundle) != before:
            venue_id = bundle.event.venue_id
            record("bundle.changed", bundle, old=before, new=_values(bundle), actor=by, venue_id=venue_id)
    return bundle


def set_line(
    bundle: Bundle, by: Any, ticket_type: TicketType, count: int, *, instead_of: TicketType | None = None
) -> BundleLine:
    """So many tickets of one type in it, perhaps `instead_of` another; none takes the type out. Raises `Invalid`."""
    gone = {ticket_type, instead_of}
    lines = [(kind, many) for kind, many in _lines_of(bundle) if kind not in gone]
    change(bundle, by, lines=[*lines, *([(ticket_type, count)] if count else [])])
    return bundle.lines.filter(ticket_type=ticket_type).first() or BundleLine(bundle=bundle, ticket_type=ticket_type)


def _lines_of(bundle: Bundle) -> list[tuple[TicketType, int]]:
    return [(line.ticket_type, line.count) for line in bundle.lines.select_related("ticket_type")]


def _write(bundle: Bundle, lines: Lines) -> None:
    bundle.lines.all().delete()
    BundleLine.objects.bulk_create(BundleLine(bundle=bundle, ticket_type=kind, count=count) for kind, count in lines)


def _check(bundle: Bundle, lines: Lines) -> None:
    """Raise `Invalid` naming every field that makes no sense."""
    wrong = [Detail(field, "invalid", message) for field, message in (*_terms(bundle), *_problems(bundle, lines))]
    if wrong:
        raise Invalid(details=wrong)


def _terms(bundle: Bundle) -> Iterable[tuple[str, str]]:
    if bundle.price is None and not 1 <= bundle.ppm <= 1_000_000:
        yield "price", gettext("Say what the bundle costs, or how much comes off the single prices.")
    if bundle.price is not None and bundle.ppm:
        yield "ppm", gettext("It has a price, or so much off: not both.")
    if bundle.max_per_order < 1:
        yield "max_per_order", gettext("At least one.")


def _problems(bundle: Bundle, lines: Lines) -> Iterable[tuple[str, str]]:
    kinds = [kind.pk for kind, _ in lines]
    if len(kinds) > MOST_LINES or any(not 1 <= count <= MOST_TICKETS for _, count in lines):
        yield (
            "lines",
            gettext("Up to {most_lines} lines of 1 to {most_tickets} tickets.").format(
                most_lines=MOST_LINES, most_tickets=MOST_TICKETS
            ),
        )
    if len(set(kinds)) < len(kinds):
        yield "lines", gettext("Name each ticket type once.")
    if any(kind.event_id != bundle.event_id for kind, _ in lines):
        yield "lines", gettext("Its tickets are for its event.")
    if sum(kind.price * count for kind, count in lines) > MAX_AMOUNT:
        yield "lines", gettext("Together these cost too much.")


def _save(bundle: Bundle) -> None:
    try:
        with transaction.atomic():
            bundle.save()
    except IntegrityError:
        if Bundle.objects.filter(event=bundle.event_id, name=bundle.name).exclude(pk=bundle.pk).exists():
            raise BundleNameTaken from None
        raise


def _values(bundle: Bundle) -> dict[str, Any]:
    """What the audit trail keeps."""
    lines = {str(line.ticket_type_id): line.count for line in bundle.lines.all()}
    return {**{name: getattr(bundle, name) for name in FIELDS}, "lines": lines}
