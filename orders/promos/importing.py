"""Promo codes out of a file: a row for each, recognised by its code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.grants import Permission
from orders.menu.models import Outlet, Product
from orders.promos import managing
from orders.promos.applying import normal
from orders.promos.models import PromoCode
from trufan.lib.errors import DomainError
from trufan.lib.importing.reports import Deed, Report, change
from trufan.lib.importing.rows import Column, Row
from trufan.lib.importing.running import Importer
from trufan.lib.money import to_decimal
from trufan.lib.words import lazy as _
from venues.models import FeeRule, Venue

Kind = PromoCode.Kind
#: Column of a file → field, where they differ; the rules name fields, the report columns.
_FIELD_OF = {"percent": "ppm", "stackable": "is_stackable", "active": "is_active"}
_COLUMN_OF = {field: column for column, field in _FIELD_OF.items()}


@dataclass(frozen=True)
class _Scopes:
    """What codes of the venue can be limited to, by name."""

    outlets: dict[str, Outlet]
    products: dict[tuple[UUID, str], Product]

    @classmethod
    def of(cls, venue: Venue) -> _Scopes:
        """Two queries."""
        outlets = {outlet.name: outlet for outlet in Outlet.objects.filter(venue=venue)}
        sold = Product.objects.filter(outlet__venue=venue).select_related("outlet")
        return cls(outlets, {(product.outlet_id, product.name): product for product in sold})


class PromoImporter(Importer):
    name = "promo_codes"
    title = _("Import promo codes")
    target_label = _("Venue")
    recognised = _(
        "A row for each code. A code that the venue has already is changed as the row says, never made twice; codes "
        "that the file leaves out stay as they are."
    )
    permission = Permission.MANAGE_PROMOS
    venue_lookup = "pk"
    columns = (
        Column("code", _("What buyers type: 3 to 40 letters, digits, - and _."), True, "SPRING10"),
        Column("name", _("What it is for; buyers do not see it."), False, "Spring sale"),
        Column("kind", _("percent, fixed, free_item or parking; needed for a new code."), False, "percent"),
        Column("percent", _("For percent and parking: how much of the price."), False, "10"),
        Column("amount", _("For fixed: how much comes off the order, in the venue's currency."), False, ""),
        Column("pieces", _("For free_item: how many pieces."), False, ""),
        Column("maximum", _("At most so much off, in the venue's currency."), False, "25.00"),
        Column("item_type", _("Only for lines of this kind: ticket, product or parking."), False, "ticket"),
        Column("outlet", _("Only at this outlet: its name."), False, ""),
        Column("product", _("Only for this product of that outlet: its name."), False, ""),
        Column("starts_at", _("By the venue's clock."), False, "2027-05-01 09:00"),
        Column("ends_at", _("By the venue's clock."), False, "2027-05-31 23:00"),
        Column("total_limit", _("How many orders may use it."), False, "500"),
        Column("per_person_limit", _("How many orders of one person may."), False, "1"),
        Column("stackable", _("yes or no: whether it may stand beside other codes."), False, "no"),
        Column("active", _("yes or no."), False, "yes"),
    )

    def targets(self, now: datetime) -> QuerySet[Venue]:
        return Venue.objects.filter(is_active=True).order_by("name")

    def venue_id_of(self, target: Venue) -> UUID:
        return target.pk

    def label_of(self, target: Venue) -> str:
        return str(target)

    def put(self, target: Venue, rows: Sequence[Row], report: Report, *, by: Any, now: datetime) -> None:
        codes = {row.number: normal(row.text("code")) for row in rows}
        known = managing.locked_by_code(target, sorted({code for code in codes.values() if code}))
        scopes, first = _Scopes.of(target), dict[str, int]()
        new, changed = list[PromoCode](), list[tuple[PromoCode, dict[str, Any]]]()
        for row in rows:
            code = codes[row.number]
            fields = _read(row, target, scopes)
            if code and first.setdefault(code, row.number) != row.number:
                row.wrong("code", gettext("Row {first} is of the same code.").format(first=first[code]))
            if row.is_wrong:
                continue
            promo = known.get(code)
            if promo is None:
                _make(target, row, {**fields, "code": code}, new)
            else:
                _change(promo, row, fields, changed)
        if not report.problems:
            managing.write_many(by, new, changed)


def _read(row: Row, venue: Venue, scopes: _Scopes) -> dict[str, Any]:
    """What is filled in, by field."""
    outlet = _outlet(row, scopes)
    fields: dict[str, Any] = {
        "name": row.text("name", PromoCode._meta.get_field("name")),
        "kind": row.choice("kind", Kind.values),
        "ppm": row.percent("percent"),
        "amount": row.amount("amount", venue.currency),
        "pieces": row.whole("pieces", 1, 32_767),
        "maximum": row.amount("maximum", venue.currency),
        "item_type": row.choice("item_type", FeeRule.Kind.values),
        "outlet": outlet,
        "product": _product(row, outlet, scopes),
        "starts_at": row.moment("starts_at", venue.zone),
        "ends_at": row.moment("ends_at", venue.zone),
        "total_limit": row.whole("total_limit", 1),
        "per_person_limit": row.whole("per_person_limit", 1),
        "is_stackable": row.flag("stackable"),
        "is_active": row.flag("active"),
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _outlet(row: Row, scopes: _Scopes) -> Outlet | None:
    name = row.text("outlet")
    if name and name not in scopes.outlets:
        row.wrong("outlet", gettext("The venue has no outlet of this name."))
    return scopes.outlets.get(name)


def _product(row: Row, outlet: Outlet | None, scopes: _Scopes) -> Product | None:
    name = row.text("product")
    found = scopes.products.get((outlet.pk, name)) if outlet else None
    if name and found is None:
        row.wrong("product", gettext("Name the outlet too, and a product that it sells."))
    return found


def _make(venue: Venue, row: Row, fields: dict[str, Any], new: list[PromoCode]) -> None:
    if "kind" not in fields:
        row.wrong("kind", gettext("A new code needs a kind."))
        return
    promo = PromoCode(venue=venue, **fields)
    if _is_fine(promo, row):
        new.append(promo)
        told = [change(_COLUMN_OF.get(name, name), "", _shown(venue, name, value)) for name, value in fields.items()]
        row.report.did(row.number, Deed.MADE, promo.code, told[:-1])


def _change(
    promo: PromoCode, row: Row, fields: dict[str, Any], changed: list[tuple[PromoCode, dict[str, Any]]]
) -> None:
    differing = {name: value for name, value in fields.items() if getattr(promo, name) != value}
    if not differing:
        row.report.did(row.number, Deed.SAME, promo.code)
        return
    before = managing.values(promo)
    told = [
        change(
            _COLUMN_OF.get(name, name),
            _shown(promo.venue, name, getattr(promo, name)),
            _shown(promo.venue, name, value),
        )
        for name, value in differing.items()
    ]
    for name, value in differing.items():
        setattr(promo, name, value)
    if _is_fine(promo, row):
        changed.append((promo, before))
        row.report.did(row.number, Deed.CHANGED, promo.code, told)


def _is_fine(promo: PromoCode, row: Row) -> bool:
    """Whether the rule takes it; what it refuses is said at the columns."""
    try:
        managing.check(promo)
    except DomainError as refusal:
        for detail in refusal.details:
            row.wrong(_COLUMN_OF.get(detail.field, detail.field), detail.message)
        return False
    return True


def _shown(venue: Venue, name: str, value: Any) -> Any:
    if value is None:
        return ""
    if name in ("amount", "maximum"):
        return to_decimal(value, venue.currency)
    if name == "ppm":
        return f"{value / 10_000:g} %"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return f"{value.astimezone(venue.zone):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value


IMPORTER = PromoImporter()
