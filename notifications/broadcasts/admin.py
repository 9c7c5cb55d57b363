"""The console's page of messages to many: how far each has come, and the buttons that stop it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from audit.console import HistoryMixin, history
from notifications.broadcasts import steering, working
from notifications.broadcasts.models import Broadcast
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: What `accounts.grants.Permission` calls it; accounts stand above this app.
MANAGE_EVENTS = "manage_events"
#: Seconds after which the page of a running one asks anew.
REFRESH = 5


@admin.register(Broadcast)
class BroadcastAdmin(HistoryMixin, TenantModelAdmin):
    """Messages to all holders of an event, for those who manage events."""

    venue_lookup = "venue_id"
    view_permission = MANAGE_EVENTS

    list_display = ["subject", "state", "queued", "total", "at", "created"]
    list_filter = [VenueFilter, "status"]
    ordering = ["-created_at"]
    fieldsets = [(None, {"fields": ["subject", "words", "state", "at", "created", "next_batch", "finished"]})]
    readonly_fields = ["subject", "words", "state", "at", "created", "next_batch", "finished"]
    buttons = [
        RowButton(
            name="pause",
            label=_("Pause"),
            permission=MANAGE_EVENTS,
            run=steering.pause,
            consequence=_("Nobody else is told until you resume. What is handed out already still leaves."),
            done=_("Paused."),
            available=lambda row: row.can_move(Broadcast.Status.PAUSED),
            icon="pause",
        ),
        RowButton(
            name="resume",
            label=_("Resume"),
            permission=MANAGE_EVENTS,
            run=steering.resume,
            consequence=_("It goes on behind the last person who was told. Nobody is told twice."),
            done=_("It goes on."),
            available=lambda row: row.can_move(Broadcast.Status.RUNNING),
        ),
        RowButton(
            name="cancel",
            label=_("Call off"),
            permission=MANAGE_EVENTS,
            run=steering.cancel,
            consequence=_(
                "Nobody else is told, and what still waits is withheld. What was sent can't be taken "
                "back. This is final."
            ),
            done=_("Called off."),
            available=lambda row: row.can_move(Broadcast.Status.CANCELLED),
            icon="cancel",
            is_destructive=True,
        ),
    ]

    state = columns.badge("status", _("status"))
    at = columns.venue_name()
    created = columns.moment("created_at", _("started"))
    next_batch = columns.moment("next_batch_at", _("goes on from"))
    finished = columns.moment("finished_at", _("finished"))

    @admin.display(description=_("subject"))
    def subject(self, row: Broadcast) -> str:
        return str(row.context.get("subject") or row.template.replace("_", " "))

    @admin.display(description=_("text"))
    def words(self, row: Broadcast) -> str:
        return str(row.context.get("text", ""))

    def sections(self, request: HttpRequest, row: Any) -> Iterable[Section]:
        told = working.progress(row)
        yield Section(
            title=gettext("Progress"),
            headers=[
                gettext("people"),
                gettext("handed out"),
                gettext("messages waiting"),
                gettext("sent"),
                gettext("failed"),
                gettext("withheld"),
            ],
            rows=[[told[name] for name in ("total", "queued", "waiting", "sent", "failed", "withheld")]],
        )
        yield from history(self, request, row)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of one that is running asks anew by itself."""
        answer = super().change_view(request, object_id, *args, **kwargs)
        running = Broadcast.objects.filter(status=Broadcast.Status.RUNNING)
        if answer.status_code == 200 and running.filter(pk=object_id).exists():
            answer["Refresh"] = str(REFRESH)
        return answer
