"""The console's page of webhook endpoints, which a venue's managers run; what was sent stands in `message_admin.py`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
)

from audit.console import HistoryMixin, history
from notifications.webhooks import addresses, endpoints, kinds, replaying
from notifications.webhooks.models import WebhookEndpoint, WebhookMessage
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, RuleForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.errors import Invalid
from trufan.lib.words import lazy

#: What `accounts.grants.Permission` calls it; accounts stand above this app.
MANAGE_VENUE = "manage_venue"
SHOWN = 20
#: The colours that other tables have not got.
COLOURS = {**columns.STATUS_COLOURS, "failing": "warning", "off": "default", "delivered": "success"}
#: How far back one may ask where messages are kept for ever.
_A_MONTH = 30
_SHOWN_ONCE = "Its secret, shown this once: {secret}"


class SinceForm(Answers):
    """How far back what failed is sent again."""

    hours = forms.IntegerField(
        min_value=1,
        max_value=(settings.WEBHOOK_DAYS or _A_MONTH) * 24,
        initial=24,
        widget=UnfoldAdminIntegerFieldWidget,
        label=lazy("Hours back"),
    )


def rotate(row: Any, by: Any, now: datetime) -> None:
    """Give it a new secret, and let the page show it once."""
    _, row.secret_once = endpoints.rotate(row, by=by, now=now)


def remove(row: WebhookEndpoint, by: Any, now: datetime) -> None:
    """Take it away; the page knows by `removed_at` that there is none to go back to."""
    endpoints.remove(row, by=by, now=now)
    row.removed_at = now


def replay_failed(row: Any, by: Any, now: datetime, hours: int) -> None:
    """Send again what failed; the page tells how much."""
    count = replaying.replay_failed(row, since=now - timedelta(hours=hours), by=by, now=now)
    row.replayed = count


def _is_on(row: WebhookEndpoint) -> bool:
    return row.is_active


class WebhookEndpointForm(RuleForm):
    """Where to, and of what."""

    ruled = frozenset({"slot", "removed_at", "venue_id"})

    class Meta:
        model = WebhookEndpoint
        fields = ["venue_id", "url", "description", "event_types", "is_active"]
        labels = {"is_active": lazy("Switched on")}


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(HistoryMixin, RuleSavedAdmin):
    """A venue's endpoints. Their secrets are shown once, when they are made."""

    form = WebhookEndpointForm
    venue_lookup = "venue_id"
    view_permission = MANAGE_VENUE
    change_permission = MANAGE_VENUE
    can_add = True

    list_display = ["url", "description", "state", "succeeded", "failed_last", "at"]
    list_filter = [VenueFilter, "is_active"]
    search_fields = ["url__icontains", "description__icontains"]
    search_help_text = lazy("Address or description")
    ordering = ["created_at"]
    readonly_fields = ["at", "state", "why_off", "succeeded", "failed_last", "failing", "former"]
    buttons = [
        RowButton(
            name="ping",
            label=lazy("Try it"),
            permission=MANAGE_VENUE,
            run=lambda row, by, now: replaying.ping(row, by=by, now=now),
            consequence=lazy("A message of the type “ping” is sent to {row.url} now. What came of it stands below."),
            done=lazy("A ping is on its way. What came of it stands below."),
            available=_is_on,
            icon="network_ping",
        ),
        RowButton(
            name="replay",
            label=lazy("Send again what failed"),
            permission=MANAGE_VENUE,
            run=replay_failed,
            consequence=lazy(
                "Every message to {row.url} that failed for good is sent again, under the id that it "
                "had, as far back as you say. They go by and by."
            ),
            done=lazy("Messages that are sent again: {row.replayed}."),
            available=_is_on,
            form=SinceForm,
            icon="replay",
        ),
        RowButton(
            name="rotate",
            label=lazy("Rotate its secret"),
            permission=MANAGE_VENUE,
            run=rotate,
            consequence=lazy(
                "{row.url} gets a new secret, which the next page shows once. For 24 hours messages "
                "are signed with both: give the new one to the receiver in that time."
            ),
            done=lazy("Its new secret, shown this once: {row.secret_once}"),
            icon="key",
        ),
        RowButton(
            name="remove",
            label=lazy("Remove"),
            permission=MANAGE_VENUE,
            run=remove,
            consequence=lazy("Nothing is sent to {row.url} any more, and what waits for it is not sent either."),
            done=lazy("The endpoint is removed."),
            icon="delete",
            is_destructive=True,
        ),
    ]

    state = columns.badge("health", lazy("state"), COLOURS)
    at = columns.venue_name()
    succeeded = columns.moment("last_success_at", lazy("last success"))
    failed_last = columns.moment("last_failure_at", lazy("last failure"))
    failing = columns.moment("failing_since", lazy("failing since"))
    former = columns.moment("former_secret_until", lazy("former secret signs until"))

    @admin.display(description=lazy("why it is off"))
    def why_off(self, row: WebhookEndpoint) -> str:
        return row.get_off_reason_display() or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(removed_at=None)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        own = ["url", "description", "is_active", "event_types"]
        if obj is None:
            return [(None, {"fields": ["venue_id", *own]})]
        told = ["state", "why_off", "succeeded", "failed_last", "failing", "former"]
        return [(None, {"fields": ["at", *own]}), (gettext("How it stands"), {"fields": told})]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "venue_id":
            return forms.TypedChoiceField(
                label=gettext("Venue"),
                choices=self._venues_to_choose(request),
                coerce=UUID,
                widget=UnfoldAdminSelectWidget,
            )
        if db_field.name == "event_types":
            return forms.MultipleChoiceField(
                label=gettext("Told of"),
                choices=[(each.name, f"{each.name}: {gettext(each.summary)}") for each in kinds.known()],
                required=False,
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
                help_text=gettext("None: of everything, also of what comes in later."),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def _venues_to_choose(self, request: HttpRequest) -> list[tuple[str, str]]:
        labels = sorted(venue_labels.of_request(request).values(), key=lambda label: label.name.casefold())
        own = None if request.user.is_superuser else self._venues(request, self.change_permission)
        return [(str(label.id), label.name) for label in labels if own is None or label.id in own]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A new address is looked up before the transaction of the page begins."""
        if request.method == "POST" and self._is_new_address(request, object_id):
            try:
                addresses.check(request.POST["url"].strip())
            except Invalid as refusal:
                self.refuse(request, refusal)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _is_new_address(self, request: HttpRequest, object_id: str | None) -> bool:
        """Whether somebody who may is about to save an address that was not there before."""
        if not request.POST.get("url"):
            return False
        if object_id is None:
            return self.has_add_permission(request)
        row: Any = self.get_object(request, object_id)
        return bool(row and self.has_change_permission(request, row) and row.url != request.POST["url"].strip())

    def create(self, by: Any, fields: dict[str, Any]) -> WebhookEndpoint:
        made: Any
        made, secret = endpoints.add(fields.pop("venue_id"), by=by, **fields)
        # For the page alone.
        made.secret_once = secret
        return cast(WebhookEndpoint, made)

    def alter(self, row: WebhookEndpoint, by: Any, fields: dict[str, Any]) -> WebhookEndpoint:
        return endpoints.change(row, by=by, now=timezone.now(), **fields)

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            messages.success(request, _SHOWN_ONCE.format(secret=obj.secret_once))

    def _after(self, request: HttpRequest, row: Any) -> str:
        return self.list_url(WebhookEndpoint) if row.removed_at else super()._after(request, row)

    def sections(self, request: HttpRequest, row: WebhookEndpoint) -> Iterable[Section]:
        zone = columns.zone_of(row)
        yield Section(
            title=gettext("Messages"),
            headers=[gettext("when"), gettext("type"), gettext("state"), gettext("attempts"), gettext("last error")],
            rows=[
                [
                    columns.anchor(columns.change_url(each), columns.local_time(each.created_at, zone)),
                    each.type,
                    columns.label(each.status, COLOURS),
                    each.attempts,
                    each.error or "–",
                ]
                for each in row.messages.order_by("-created_at", "-pk")[:SHOWN]
            ],
            empty=gettext("Nothing was sent there yet. “Try it” sends a first message."),
            link=self.list_url(WebhookMessage, endpoint=str(row.pk)),
            link_label=gettext("All of them"),
        )
        yield from history(self, request, row)
