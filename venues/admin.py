"""The console's pages of venues, their staff and their taxes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
)

from accounts.grants import Permission
from audit.console import HistoryMixin
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues import profiles, roles, staffing, taxes
from venues.devices.admin import VenueDeviceAdmin as VenueDeviceAdmin
from venues.fee_admin import FeeRuleAdmin as FeeRuleAdmin
from venues.models import TaxRate, Venue, VenueStaff
from venues.payouts_console import PayoutsMixin
from venues.payouts_console import section as payouts_section
from venues.seating.admin import SeatingPlanAdmin as SeatingPlanAdmin
from venues.staff_buttons import SIGN_IN_BUTTONS


def _labels(user: Any) -> Iterable[venue_labels.VenueLabel]:
    return _labelled(Venue.objects.all() if user.is_superuser else Venue.objects.filter(pk__in=user.granted))


def _labels_of(ids: Iterable[UUID]) -> Iterable[venue_labels.VenueLabel]:
    return _labelled(Venue.objects.filter(pk__in=ids))


def _labelled(rows: QuerySet) -> list[venue_labels.VenueLabel]:
    return [
        venue_labels.VenueLabel(row.pk, row.name, row.zone, row.currency)
        for row in rows.only("name", "time_zone", "currency")
    ]


venue_labels.register(_labels)
venue_labels.register_by_id(_labels_of)


class VenueForm(AmountsForm):
    """A venue; its service fee is an amount and a share of the ticket's price."""

    amounts = ("ticket_fee_fixed",)
    rates = ("ticket_fee_ppm",)

    class Meta:
        model = Venue
        fields = "__all__"
        labels = {"ticket_fee_fixed": _("Service fee on each ticket"), "ticket_fee_ppm": _("Service fee on its price")}

    def currency(self) -> str | None:
        chosen: str | None = getattr(self, "cleaned_data", {}).get("currency")
        return chosen or (None if self.instance._state.adding else self.instance.currency)


class TaxRateForm(AmountsForm):
    """A tax; its rate is in percent."""

    rates = ("rate_ppm",)

    class Meta:
        model = TaxRate
        fields = ["venue", "name", "category", "rate_ppm", "is_inclusive", "is_active"]
        labels = {"rate_ppm": _("Rate")}

    def currency(self) -> str | None:
        return None


@admin.register(Venue)
class VenueAdmin(PayoutsMixin, HistoryMixin, RuleSavedAdmin):
    """Venues. Opening one is for venue admins and super admins; closing one for super admins."""

    form = VenueForm
    venue_lookup = "pk"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_VENUE
    can_add = True
    readers_see = {"ticket_fee_fixed": "fee_fixed", "ticket_fee_ppm": "fee_share"}

    list_display = ["name", "city", "country", "time_zone", "currency", "is_active"]
    list_filter = ["is_active", "country"]
    search_fields = ["name", "city", "slug"]
    ordering = ["name", "id"]
    prepopulated_fields = {"slug": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "slug", "description", "is_active"]}),
        (_("Where"), {"fields": ["street", ("city", "region"), ("postal_code", "country"), ("latitude", "longitude")]}),
        (_("Contact"), {"fields": [("contact_email", "contact_phone")]}),
        (
            _("Selling"),
            {"fields": [("time_zone", "currency"), ("ticket_fee_fixed", "ticket_fee_ppm"), "configuration"]},
        ),
    ]

    fee_fixed = columns.money("ticket_fee_fixed", _("service fee on each ticket"))

    @admin.display(description=_("service fee on its price"))
    def fee_share(self, row: Venue) -> str:
        return _percent(row.ticket_fee_ppm)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return profiles.may_open(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [] if request.user.is_superuser else ["is_active"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, list[str]]:
        return self.prepopulated_fields if obj is None else {}

    def create(self, by: Any, fields: dict[str, Any]) -> Venue:
        return profiles.open_venue(by, **fields)

    def alter(self, row: Venue, by: Any, fields: dict[str, Any]) -> Venue:
        return profiles.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: Venue) -> Iterable[Section]:
        if self.may(request, Permission.MANAGE_STAFF, row):
            yield self._staff(request, row)
        if self.may(request, Permission.MANAGE_PAYOUTS, row):
            yield payouts_section(row)
        yield Section(
            title=gettext("Taxes"),
            headers=[gettext("tax"), gettext("on"), gettext("rate"), gettext("price contains it"), gettext("charged")],
            rows=[
                [self.link(request, rate, rate.name), rate.category, _percent(rate.rate_ppm), _yes(rate.is_inclusive),
                 _yes(rate.is_active)]
                for rate in row.tax_rates.all()
            ],
            empty=gettext("No tax is charged here yet. Add one under Tax rates."),
        )  # fmt: skip

    def _staff(self, request: HttpRequest, row: Venue) -> Section:
        places = row.staff.select_related("user").filter(is_active=True)
        for place in places:
            place.venue = row
        return Section(
            title=gettext("Staff"),
            headers=[gettext("person"), gettext("e-mail"), gettext("role")],
            rows=[
                [self.link(request, place, str(place.user)), place.user.email, place.get_role_display()]
                for place in places
            ],
            empty=gettext("Nobody works here yet. Invite someone under Staff."),
        )


def _yes(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:g} %"


class StaffForm(forms.ModelForm):
    """A person's role and what they may do beyond it; on inviting, the address to invite as well."""

    email = forms.EmailField(
        required=False, widget=UnfoldAdminEmailInputWidget, help_text=_("An invitation goes to this address.")
    )
    extra_permissions = forms.MultipleChoiceField(
        label=_("Extra permissions"),
        required=False,
        choices=lambda: Permission.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Beyond what the role may do anyway."),
    )

    class Meta:
        model = VenueStaff
        fields = ["venue", "role", "extra_permissions"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if self.instance._state.adding and not email:
            raise forms.ValidationError(gettext("Give the address of the person to invite."), code="required")
        return email


@admin.register(VenueStaff)
class VenueStaffAdmin(HistoryMixin, RuleSavedAdmin):
    """Who works where. People are invited by e-mail and let go by a button; nobody's row is deleted."""

    form = StaffForm
    venue_lookup = "venue_id"
    view_permission = Permission.MANAGE_STAFF
    change_permission = Permission.MANAGE_STAFF
    can_add = True

    list_display = ["person", "email", "venue", "role_label", "second_factor", "is_active"]
    list_display_links = ["person"]
    list_filter = [VenueFilter, "role", "is_active"]
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    list_select_related = ["user__second_factor", "venue"]
    ordering = ["venue__name", "role", "id"]
    buttons = [
        RowButton(
            name="invite-again",
            label=_("Send the invitation again"),
            permission=Permission.MANAGE_STAFF,
            run=staffing.invite_again,
            consequence=lambda place: gettext(
                "A mail with a new link goes to {email}, to choose a password and sign in. Links in "
                "earlier mails are no longer good."
            ).format(email=place.user.email),
            done=_("The invitation of {row} is on its way once more."),
            available=staffing.awaits,
            icon="forward_to_inbox",
        ),
        RowButton(
            name="deactivate",
            label=_("End their place here"),
            permission=Permission.MANAGE_STAFF,
            run=staffing.deactivate,
            consequence=lambda place: gettext(
                "{user} loses every right at {venue} at once, in the console and at the door. The "
                "record of what they did stays. They can be invited again."
            ).format(user=place.user, venue=place.venue),
            done=_("{row} no longer works here."),
            available=lambda place: place.is_active,
            icon="person_remove",
            is_destructive=True,
        ),
        *SIGN_IN_BUTTONS,
    ]

    role_label = columns.badge("role", _("role"), {})

    @admin.display(description=_("person"), ordering="user__last_name")
    def person(self, row: VenueStaff) -> str:
        return str(row.user)

    @admin.display(description=_("e-mail"), ordering="user__email")
    def email(self, row: VenueStaff) -> str:
        return row.user.email

    @admin.display(description=_("second factor"), boolean=True)
    def second_factor(self, row: VenueStaff) -> bool:
        return hasattr(row.user, "second_factor")

    @admin.display(description=_("may do"))
    def rights(self, row: VenueStaff) -> str:
        return "; ".join(sorted(str(Permission(held).label) for held in roles.held(row.role, row.extra_permissions)))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["venue", "email", "role", "extra_permissions"]
        return ["person", "shown_email", "venue", "role", "extra_permissions", "rights", "second_factor", "is_active"]

    @admin.display(description=_("e-mail"))
    def shown_email(self, row: VenueStaff) -> str:
        return row.user.email

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["person", "shown_email", "venue", "rights", "second_factor", "is_active"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_active)

    def create(self, by: Any, fields: dict[str, Any]) -> VenueStaff:
        return staffing.invite(
            fields["venue"], fields["email"], fields["role"], fields["extra_permissions"], by, timezone.now()
        )

    def alter(self, row: VenueStaff, by: Any, fields: dict[str, Any]) -> VenueStaff:
        known = {name: fields[name] for name in ("role", "extra_permissions") if name in fields}
        return staffing.change(row, by, **known)


@admin.register(TaxRate)
class TaxRateAdmin(HistoryMixin, RuleSavedAdmin):
    """Taxes, switched off rather than deleted."""

    form = TaxRateForm
    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_VENUE
    can_add = True
    readers_see = {"rate_ppm": "rate"}

    list_display = ["name", "venue", "category", "rate", "is_inclusive", "is_active"]
    list_filter = [VenueFilter, "category", "is_active"]
    search_fields = ["name"]
    list_select_related = ["venue"]
    ordering = ["venue__name", "category", "name"]
    fields = ["venue", "name", "category", "rate_ppm", "is_inclusive", "is_active"]

    @admin.display(description=_("rate"), ordering="rate_ppm")
    def rate(self, row: TaxRate) -> str:
        return _percent(row.rate_ppm)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> TaxRate:
        return taxes.add(fields.pop("venue"), by, **fields)

    def alter(self, row: TaxRate, by: Any, fields: dict[str, Any]) -> TaxRate:
        return taxes.change(row, by, **fields)
