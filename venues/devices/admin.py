"""The console's page of devices: made, rotated and revoked by the rules of the API; a key is shown once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, RuleForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues.devices import keys, places
from venues.devices.models import VenueDevice

COLOURS = {"active": "success", "expired": "default", "revoked": "danger"}


class RotateForm(Answers):
    """How long the old key stays good."""

    keep_minutes = forms.IntegerField(
        min_value=0,
        max_value=keys.LONGEST_OVERLAP,
        initial=30,
        widget=UnfoldAdminIntegerFieldWidget,
        label=_("Minutes for which the old key stays good"),
    )


def rotate(row: Any, by: Any, now: datetime, keep_minutes: int) -> None:
    """Give it a new key, and let the page show it once."""
    _row, row.key_once = keys.rotate(row, by, now, keep_minutes=keep_minutes)


def _is_kept(row: VenueDevice) -> bool:
    return row.revoked_at is None


class VenueDeviceForm(RuleForm):
    """A device to be made."""

    class Meta:
        model = VenueDevice
        fields = ["venue", "name", "scopes", "place_id", "expires_at"]
        labels = {"expires_at": _("Good until")}


@admin.register(VenueDevice)
class VenueDeviceAdmin(HistoryMixin, RuleSavedAdmin):
    """A venue's devices. What one may do never changes: it is revoked, and another made."""

    form = VenueDeviceForm
    venue_lookup = "venue_id"
    view_permission = Permission.MANAGE_STAFF
    change_permission = Permission.MANAGE_STAFF
    can_add = True

    list_display = ["name", "may_do", "stands", "used", "prefix", "made_by", "at"]
    list_filter = [VenueFilter]
    search_fields = ["name", "prefix"]
    list_select_related = ["created_by"]
    ordering = ["-created_at"]
    readonly_fields = ["at", "may_do", "place", "stands", "used", "made_by", "made", "until", "former", "prefix"]
    buttons = [
        RowButton(
            name="rotate",
            label=_("Rotate its key"),
            permission=Permission.MANAGE_STAFF,
            run=rotate,
            consequence=_("{row.name} gets a new key, which the next page shows once."),
            done=_("Its new key, shown this once: {row.key_once}"),
            available=_is_kept,
            form=RotateForm,
            icon="key",
        ),
        RowButton(
            name="revoke",
            label=_("Revoke"),
            permission=Permission.MANAGE_STAFF,
            run=keys.revoke,
            consequence=_("The key of {row.name} opens nothing any more, for good."),
            done=_("{row} is revoked."),
            available=_is_kept,
            icon="block",
            is_destructive=True,
        ),
    ]

    at = columns.venue_name()
    used = columns.moment("last_used_at", _("last used"))
    made = columns.moment("created_at", _("made"))
    until = columns.moment("expires_at", _("good until"))
    former = columns.moment("former_until", _("former key good until"))

    @admin.display(description=_("it may"))
    def may_do(self, row: VenueDevice) -> str:
        return ", ".join(str(VenueDevice.Scope(each).label) for each in row.scopes)

    @admin.display(description=_("only at"))
    def place(self, row: VenueDevice) -> str:
        found = places.find(row.scopes[0], row.venue_id, row.place_id) if row.place_id else None
        return str(found or row.place_id or "–")

    @admin.display(description=_("state"))
    def stands(self, row: VenueDevice) -> SafeString:
        return columns.label(row.state(timezone.now()), COLOURS)

    @admin.display(description=_("made by"), ordering="created_by")
    def made_by(self, row: VenueDevice) -> str:
        return str(row.created_by)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("venue", "created_by")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["venue", "name", "scopes", "place_id", "expires_at"]})]
        told = ["prefix", "stands", "used", "former", "until", "made", "made_by"]
        return [(None, {"fields": ["at", "name", "may_do", "place"]}), (_("Its key"), {"fields": told})]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "scopes":
            return forms.MultipleChoiceField(
                label=gettext("It may"),
                choices=VenueDevice.Scope.choices,
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
            )
        if db_field.name == "place_id":
            return forms.TypedChoiceField(
                label=gettext("Only at"),
                required=False,
                choices=self._offered(request),
                coerce=UUID,
                empty_value=None,
                widget=UnfoldAdminSelectWidget,
                help_text=gettext("An event, a lot or an outlet of the venue; the device then has that one right."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def _offered(self, request: HttpRequest) -> list[Any]:
        """What may be chosen, in groups by venue and right."""
        labels = venue_labels.of_request(request)
        own = None if request.user.is_superuser else self._venues(request, self.change_permission)
        groups: dict[str, list[tuple[str, str]]] = {}
        for scope, row in places.offered(own):
            label = labels.get(row.venue_id)  # type: ignore[attr-defined]
            title = f"{label.name if label else '–'}: {VenueDevice.Scope(scope).label}"
            groups.setdefault(title, []).append((str(row.pk), str(row)))
        return [("", gettext("Anywhere at the venue")), *groups.items()]

    def create(self, by: Any, fields: dict[str, Any]) -> VenueDevice:
        made: Any
        made, key = keys.create(fields.pop("venue"), by, timezone.now(), **fields)
        # For the page alone.
        made.key_once = key
        return cast(VenueDevice, made)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        messages.success(request, gettext("Its key, shown this once: {key}").format(key=obj.key_once))

    def sections(self, request: HttpRequest, row: VenueDevice) -> Iterable[Section]:
        yield from history(self, request, row)
