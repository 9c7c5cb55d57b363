"""The console's pages of questions, and the questions of an event on its own page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events.admin import EventAdmin
from events.models import Event
from ticketing.attendees import questions
from ticketing.attendees.models import Question
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import RuleForm
from trufan.lib.console.inlines import RuleSavedInline
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _


class LinesField(forms.CharField):
    """A list of texts, typed one a line."""

    def __init__(self, **how: Any) -> None:
        how.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 3}))
        super().__init__(**how)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], "required")

    def run_validators(self, value: Any) -> None:
        """Each line is the rule's business."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class InlineQuestionForm(RuleForm):
    choices = LinesField(required=False, help_text=_("For the kind choice: one a line."))

    class Meta:
        model = Question
        fields = ["text", "kind", "choices", "required", "position", "is_active"]


class QuestionForm(InlineQuestionForm):
    class Meta(InlineQuestionForm.Meta):
        fields = ["event", *InlineQuestionForm.Meta.fields, "ticket_types"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: Any = self.fields.get("ticket_types")
        if types is not None and self.instance.event_id:
            types.queryset = types.queryset.filter(event=self.instance.event_id)


class QuestionInline(RuleSavedInline):
    model = Question
    form = InlineQuestionForm
    verbose_name_plural = _("questions to everybody who comes")
    show_change_link = True

    def create(self, parent: Event, by: Any, fields: dict[str, Any]) -> Question:
        return questions.create(parent, by, **fields)

    def alter(self, row: Question, by: Any, fields: dict[str, Any]) -> Question:
        return questions.change(row, by, **fields)


EventAdmin.inlines = [*EventAdmin.inlines, QuestionInline]


def _count(tickets: int) -> str:
    return ngettext("{count} ticket", "{count} tickets", tickets).format(count=tickets)


@admin.register(Question)
class QuestionAdmin(HistoryMixin, RuleSavedAdmin):
    """What events ask those who come; retired rather than deleted."""

    form = QuestionForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["text", "event", "kind_label", "required", "is_active", "at"]
    list_filter = [VenueFilter, "kind", "is_active"]
    search_fields = ["text__icontains", "event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event"]
    ordering = ["-event__starts_at", "position", "created_at"]

    kind_label = columns.badge("kind", _("kind"), {})
    at = columns.venue_name()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = ["event", "text", ("kind", "required"), "choices", ("position", "is_active")]
        return [(None, {"fields": asked if obj is None else [*asked, "ticket_types"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> Question:
        return questions.create(fields.pop("event"), by, **fields)

    def alter(self, row: Question, by: Any, fields: dict[str, Any]) -> Question:
        return questions.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: Question) -> Iterable[Section]:
        yield Section(
            title=gettext("Answers"),
            headers=[gettext("answered by")],
            rows=[[_count(row.answers.count())]],
        )
        yield from history(self, request, row)
