"""The console's pages of events: drawn up, published, called off and closed by the rules of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import announcing, console_parts, lifecycle, planning, readiness_console
from events.models import Event
from events.series.admin import EventSeriesAdmin as EventSeriesAdmin
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, ReasonForm, VenueTimesForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _


class WhenFilter(DropdownFilter):
    """By where an event stands in time."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("coming", gettext("Still to come")), ("running", gettext("Running now")), ("over", gettext("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        match self.value():
            case "coming":
                return queryset.filter(starts_at__gt=now)
            case "running":
                return queryset.filter(starts_at__lte=now, ends_at__gt=now)
            case "over":
                return queryset.filter(ends_at__lte=now)
        return queryset


class EventForm(VenueTimesForm):
    """An event as its operator draws it up; times are read by the venue's clock."""

    ruled = frozenset({"starts_at", "ends_at", "doors_at"})

    class Meta:
        model = Event
        fields = ["venue", "name", "description", "category", "starts_at", "ends_at", "doors_at", "capacity",
                  "configuration"]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "doors_at" in self.fields:
            self.fields["doors_at"].required = False
            usual = gettext("Empty: an hour before the start.")
            self.fields["doors_at"].help_text = f"{self.fields['doors_at'].help_text} {usual}"

    def venue_zone(self) -> ZoneInfo | None:
        venue = self.cleaned_data.get("venue") or (self.instance.venue if self.instance.venue_id else None)
        return venue.zone if venue else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("starts_at") and not cleaned.get("doors_at") and "doors_at" not in self.errors:
            cleaned["doors_at"] = cleaned["starts_at"] - planning.DOORS_BEFORE_START
        return cleaned


class MessageForm(Answers):
    """The operator's words to all holders."""

    subject = forms.CharField(max_length=announcing.MAX_SUBJECT, widget=UnfoldAdminTextInputWidget())
    text = forms.CharField(
        max_length=announcing.MAX_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("Plain text; an empty line begins a paragraph. By SMS every 160 characters cost one more."),
    )
    subject_es = forms.CharField(
        label=_("Subject in Spanish"),
        max_length=announcing.MAX_SUBJECT,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    text_es = forms.CharField(
        label=_("Text in Spanish"),
        max_length=announcing.MAX_TEXT,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("For people whose language is Spanish. Empty: they get the words above."),
    )


def _what_cancelling_does(event: Event) -> str:
    return gettext(
        "“{event}” is called off for good: it leaves the public list, sales stop and the "
        "door lets nobody in. Money is not sent back by this; “Cancel and refund all” does "
        "both, also afterwards. This can't be undone."
    ).format(event=event.name)


@admin.register(Event)
class EventAdmin(HistoryMixin, RuleSavedAdmin):
    """Shows, with what they sold and who arrived."""

    form = EventForm
    venue_lookup = "venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["name", "state", "starts", "venue", "sold_shown", "category"]
    list_filter = [VenueFilter, "status", "category", WhenFilter]
    search_fields = ["name__icontains"]
    list_select_related = ["venue"]
    ordering = ["-starts_at", "id"]
    readonly_fields = ["state", "allotted"]
    own_buttons = [
        RowButton(
            name="publish",
            label=_("Publish"),
            permission=Permission.MANAGE_EVENTS,
            run=lifecycle.publish,
            consequence=readiness_console.what_publishing_does,
            done=_("“{row}” is published."),
            available=lambda event: event.status == Event.Status.DRAFT,
            icon="campaign",
        ),
        RowButton(
            name="complete",
            label=_("Complete"),
            permission=Permission.MANAGE_EVENTS,
            run=lifecycle.complete,
            consequence=_("“{row}” is over: sales stop and it leaves the public list; its books stay. This is final."),
            done=_("“{row}” is completed."),
            available=lambda event: event.status == Event.Status.PUBLISHED and event.starts_at <= timezone.now(),
            icon="task_alt",
        ),
        RowButton(
            name="message",
            label=_("Message holders"),
            permission=Permission.MANAGE_EVENTS,
            run=announcing.announce,
            consequence=_(
                "Everybody who holds tickets for “{row}” is told by the channels they chose. The "
                "next page says how many people that are and shows the message; nothing leaves "
                "before you confirm it there."
            ),
            done=_("The message is on its way to everybody who holds tickets for “{row}”. See its progress below."),
            available=announcing.may_be_announced,
            form=MessageForm,
            figures=announcing.in_words,
            icon="send",
        ),
        RowButton(
            name="cancel",
            label=_("Cancel event"),
            permission=Permission.MANAGE_EVENTS,
            run=lifecycle.cancel,
            consequence=_what_cancelling_does,
            done=_("“{row}” is cancelled."),
            available=lambda event: event.can_move(Event.Status.CANCELLED),
            form=ReasonForm,
            icon="event_busy",
            is_destructive=True,
        ),
    ]

    @property
    def buttons(self) -> list[RowButton]:  # type: ignore[override]
        return [*self.own_buttons, *console_parts.buttons]

    state = columns.badge("status", _("status"))
    starts = columns.moment("starts_at", _("starts"))

    @admin.display(description=_("sold of capacity"))
    def sold_shown(self, row: Any) -> str:
        return f"{row.tickets_sold} of {row.capacity}"

    @admin.display(description=_("allotted to ticket types"))
    def allotted(self, row: Event) -> str:
        return f"{row.allocated} of {row.capacity}"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_sales(super().get_queryset(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or obj.status in (Event.Status.DRAFT, Event.Status.PUBLISHED)
        return is_open and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        about = ["name", "description", ("category", "capacity")]
        times = {"fields": ["starts_at", "ends_at", "doors_at"], "description": _clock(request, obj)}
        if obj is None:
            return [(None, {"fields": ["venue", *about]}), (gettext("When"), times)]
        return [
            (None, {"fields": [("venue", "state"), *about, "allotted"]}),
            (gettext("When"), times),
            (gettext("More"), {"fields": ["configuration"], "classes": ["collapse"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue", "state", "allotted"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> Event:
        return planning.create(fields.pop("venue"), by, **fields)

    def alter(self, row: Event, by: Any, fields: dict[str, Any]) -> Event:
        return planning.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: Any) -> Iterable[Section]:
        may_manage = self.may(request, Permission.MANAGE_EVENTS, row)
        yield from readiness_console.sections(self, request, row)
        yield Section(
            title=gettext("Ticket types"),
            headers=[
                gettext("type"),
                gettext("price"),
                gettext("sold"),
                gettext("held"),
                gettext("left"),
                gettext("shown"),
            ],
            rows=[
                [
                    self.link(request, kind),
                    columns.show(kind.price, row.venue.currency),
                    kind.sold,
                    kind.held,
                    kind.left,
                    columns.label(kind.visibility),
                ]
                for kind in self._ticket_types(row)
            ],
            empty=gettext("Nothing is sold for this event yet. Add a ticket type, then publish."),
            link=reverse("admin:ticketing_tickettype_add", query={"event": row.pk}) if may_manage else "",
            link_label=gettext("Add a ticket type"),
        )
        arrived = row.tickets.filter(status="used").count()
        yield Section(
            title=gettext("At the door"),
            headers=[gettext("sold"), gettext("arrived"), gettext("not yet")],
            rows=[[row.tickets_sold, arrived, row.tickets_sold - arrived]],
        )
        yield Section(
            title=gettext("Messages to holders"),
            headers=[gettext("subject"), gettext("status"), gettext("people told"), gettext("of")],
            rows=[
                [self.link(request, sent), columns.label(sent.status), sent.queued, sent.total]
                for sent in announcing.of(row)
            ],
            empty=gettext("Nothing was said to all holders yet."),
        )
        yield from console_parts.sections_of(self, request, row)
        yield from history(self, request, row)

    def _ticket_types(self, row: Event) -> list[Any]:
        """Its ticket types, each knowing this very event, so that links ask nothing more."""
        kinds = list(row.ticket_types.all())
        for kind in kinds:
            kind.event = row
        return kinds


def with_sales(events: QuerySet) -> QuerySet:
    """Events with `tickets_sold`, by their ticket types' counters: a list counts no tickets."""
    sold = events.model.objects.filter(pk=OuterRef("pk")).order_by()
    return events.annotate(
        tickets_sold=Coalesce(Subquery(sold.annotate(n=Sum("ticket_types__sold")).values("n")), 0),
    )


def _clock(request: HttpRequest, event: Event | None) -> str:
    """Whose clock the times of the form are read by."""
    if event is not None:
        # Printed as it is by the theme, and a venue may have any name.
        said = gettext("By the clock of {venue} ({time_zone}).")
        return format_html(said, venue=event.venue, time_zone=event.venue.time_zone)
    labels = list(venue_labels.of_request(request).values())
    return (
        gettext("By the clock of the venue ({zone}).").format(zone=labels[0].zone)
        if len(labels) == 1
        else gettext("By the clock of the venue chosen.")
    )
