"""The console's page of seating plans: drawn up here, their seats replaced by a file, their picture beside it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import RuleForm
from trufan.lib.console.importing import ImportMixin
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues.seating import plans, tables
from venues.seating.file_admin import SeatFilesMixin
from venues.seating.models import SeatingPlan, SeatSection
from venues.seating.querysets import SeatingPlanQuerySet


class SeatingPlanForm(RuleForm):
    """A plan's name and stage."""

    ruled = frozenset({"name"})

    class Meta:
        model = SeatingPlan
        fields = ["venue", "name", "stage_x", "stage_y"]


def _retire(plan: SeatingPlan, *, by: Any, now: datetime) -> SeatingPlan:
    return plans.retire(plan, by)


def _bring_back(plan: SeatingPlan, *, by: Any, now: datetime) -> SeatingPlan:
    return plans.change(plan, by, is_active=True)


@admin.register(SeatingPlan)
class SeatingPlanAdmin(ImportMixin, SeatFilesMixin, HistoryMixin, RuleSavedAdmin):
    """Where people sit and stand; retired by a button rather than deleted."""

    importer = tables.IMPORTER
    form = SeatingPlanForm
    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["name", "venue", "sections_shown", "seats_shown", "standing_shown", "is_active"]
    list_filter = [VenueFilter, "is_active"]
    search_fields = ["name__icontains"]
    list_select_related = ["venue"]
    ordering = ["venue__name", "name", "id"]
    buttons = [
        RowButton(
            name="retire",
            label=_("Retire"),
            permission=Permission.MANAGE_EVENTS,
            run=_retire,
            consequence=_("No new event is sold by {row}, and its seats stay as they are. It can be brought back."),
            done=_("{row} is retired."),
            available=lambda plan: plan.is_active,
            icon="archive",
            is_destructive=True,
        ),
        RowButton(
            name="bring-back",
            label=_("Bring back"),
            permission=Permission.MANAGE_EVENTS,
            run=_bring_back,
            consequence=_("New events may be sold by {row} again, and its seats may be replaced."),
            done=_("{row} is back."),
            available=lambda plan: not plan.is_active,
            icon="unarchive",
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SeatingPlan]:
        return cast("SeatingPlanQuerySet", super().get_queryset(request)).with_counts()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        asked = ["venue", "name", ("stage_x", "stage_y")]
        return asked if obj is None else [*asked, ("is_active", "version"), "files", "picture"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [] if obj is None else ["venue", "is_active", "version", "files", "picture"]

    @admin.display(description=_("sections"))
    def sections_shown(self, row: SeatingPlan) -> str:
        return f"{row.section_count:,}"

    @admin.display(description=_("seats"))
    def seats_shown(self, row: SeatingPlan) -> str:
        return f"{row.seat_count:,}"

    @admin.display(description=_("may stand"))
    def standing_shown(self, row: SeatingPlan) -> str:
        return f"{row.standing_count:,}"

    @admin.display(description=_("download"))
    def files(self, row: SeatingPlan) -> SafeString:
        return format_html(
            "{} · {}",
            columns.anchor(reverse("admin:venues_seatingplan_csv", args=[row.pk]), gettext("Seats for a spreadsheet")),
            columns.anchor(reverse("admin:venues_seatingplan_json", args=[row.pk]), gettext("All of it as JSON")),
        )

    @admin.display(description=_("picture"))
    def picture(self, row: SeatingPlan) -> SafeString:
        address = reverse("admin:venues_seatingplan_map", args=[row.pk])
        return format_html('<img src="{}" alt="{}" style="width: 100%; max-width: 48rem">', address, row.name)

    def create(self, by: Any, fields: dict[str, Any]) -> SeatingPlan:
        return plans.create(fields.pop("venue"), by, **fields)

    def alter(self, row: SeatingPlan, by: Any, fields: dict[str, Any]) -> SeatingPlan:
        return plans.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: SeatingPlan) -> Iterable[Section]:
        replaces = row.is_active and self.has_change_permission(request, row)
        sections = row.sections.in_order().with_seat_count()
        yield Section(
            title=gettext("Sections"),
            headers=[gettext("section"), gettext("people"), gettext("seats"), gettext("may stand")],
            rows=[
                [one.name, one.get_kind_display(), f"{one.seat_count:,}", f"{one.capacity:,}" if _stands(one) else "–"]
                for one in sections
            ],
            empty=gettext("No seats yet. Upload a file with them."),
            link=reverse("admin:venues_seatingplan_seats", args=[row.pk]) if replaces else "",
            link_label=gettext("Replace the seats"),
        )


def _stands(section: SeatSection) -> bool:
    return section.kind == SeatSection.Kind.STANDING
