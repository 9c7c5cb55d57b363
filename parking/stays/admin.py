"""The console's page of stays: one page tells a stay's whole story, with the buttons that staff need."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from parking.lots.console import LotFilter, StartedFilter, multiplier, plate_ways
from parking.stays import billing
from parking.stays.charge_admin import ParkingChargeAdmin as ParkingChargeAdmin
from parking.stays.charge_admin import charge_section, money_sections, parts_section
from parking.stays.correction_buttons import BUTTONS
from parking.stays.gate_admin import GateEventAdmin as GateEventAdmin
from parking.stays.gate_admin import gate_section
from parking.stays.models import ParkingSession
from parking.stays.story import story_of
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.numbers import as_phone, read_out
from trufan.lib.words import lazy as _

Status = ParkingSession.Status
#: How much of a long story is shown on the page.
_LATEST = 30


@admin.register(ParkingSession)
class ParkingSessionAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """Cars that are, or were, on a lot."""

    venue_lookup = "lot__venue_id"
    view_permission = Permission.RUN_PARKING

    list_display = ["number", "state", "plate_shown", "lot", "kind", "origin_label", "since", "until", "ended", "at"]
    list_filter = [VenueFilter, LotFilter, "status", "capacity__kind", "origin", StartedFilter]
    search_fields = ["number", "plate", "contact_email", "contact_phone", "space__number"]
    search_help_text = _("Plate, number of the stay or reservation, space, e-mail address or phone")
    list_select_related = ["lot", "capacity"]
    ordering = ["-started_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("lot", "kind", "space"), ("plate_shown", "origin_label"), "booked"]}),
        (_("When"), {"fields": [("since", "until"), ("leave", "ended")]}),
        (_("Who"), {"fields": ["account", ("contact_email", "contact_phone")]}),
        (_("Price"), {"fields": [("locked", "lost"), ("set_price", "price_reason")]}),
    ]
    readonly_fields = [
        "state", "kind", "plate_shown", "origin_label", "booked", "since", "until", "leave", "ended", "account",
        "locked", "lost", "set_price",
    ]  # fmt: skip

    buttons = BUTTONS

    state = columns.badge("status", _("status"))
    origin_label = columns.badge("origin", _("came"), {})
    since = columns.moment("started_at", _("since"))
    until = columns.moment("expires_at", _("reserved or paid until"))
    leave = columns.moment("leave_by", _("leaves freely until"))
    ended = columns.moment("ended_at", _("left"))
    set_price = columns.money("price_set", _("price set by staff"), currency="lot.venue.currency")
    at = columns.venue_name()

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        found = plate_ways(typed)
        if number := read_out(typed):
            found += [Q(number__startswith=number), Q(reservation__number__startswith=number)]
        if "@" in typed:
            found += [Q(contact_email__startswith=typed.lower()), Q(user__email__startswith=typed.lower())]
        elif phone := as_phone(typed):
            found.append(Q(contact_phone=phone))
        else:
            found.append(Q(status="active", space__number__iexact=typed))
        return found

    @admin.display(description=_("plate"), ordering="plate")
    def plate_shown(self, row: ParkingSession) -> str:
        return row.plate or ("erased" if row.ended_at else "unknown")

    @admin.display(description=_("kind of space"), ordering="capacity__kind")
    def kind(self, row: ParkingSession) -> str:
        return row.capacity.get_kind_display()

    @admin.display(description=_("reservation"))
    def booked(self, row: ParkingSession) -> str:
        if row.reservation is None:
            return gettext("drove up")
        return columns.anchor(columns.change_url(row.reservation), str(row.reservation))

    @admin.display(description=_("account"))
    def account(self, row: ParkingSession) -> str:
        return str(row.user) if row.user else "guest"

    @admin.display(description=_("price at entry"))
    def locked(self, row: ParkingSession) -> str:
        return gettext("{multiplier} of the tariff, whatever becomes of it meanwhile").format(
            multiplier=multiplier(row.multiplier_ppm)
        )

    @admin.display(description=_("ticket lost"), boolean=True)
    def lost(self, row: ParkingSession) -> bool:
        return row.is_ticket_lost

    # -- Its story --

    def sections(self, request: HttpRequest, row: ParkingSession) -> Iterable[Section]:
        charges = list(row.charges.order_by("created_at", "pk"))
        for charge in charges:
            charge.lot = row.lot
        if row.status != Status.VOID:
            yield self._owes(row)
        yield charge_section(self, request, charges)
        yield from money_sections(self, request, row, charges)
        events = row.gate_events.select_related("seen_by")[:_LATEST]
        yield gate_section(self, request, events, row.lot.zone)
        yield self._story(row)
        yield from history(self, request, row, *charges)

    def _story(self, row: ParkingSession) -> Section:
        return Section(
            title=gettext("What happened"),
            headers=[gettext("when"), gettext("what"), gettext("words"), gettext("by")],
            rows=[
                [columns.local_time(each.at, row.lot.zone), each.what, each.words or "–", each.who]
                for each in story_of(row)
            ],
            empty=gettext("Nothing beyond its entry."),
        )

    def _owes(self, row: ParkingSession) -> Section:
        bill = billing.to_pay(row, timezone.now())
        if not bill.due.amount:
            return Section(title=gettext("To pay now"), headers=[], rows=[], empty=gettext("Nothing."))
        return parts_section(
            gettext("To pay now: {amount}").format(amount=columns.show(bill.total, row.currency)),
            bill.lines(),
            row.currency,
        )
