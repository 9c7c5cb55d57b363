"""Pages whose form is saved by a rule, not by the model: the rule checks, writes and keeps the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from trufan.lib.console.review import answered, review
from trufan.lib.console.tenancy import TenantModelAdmin


class RuleSavedAdmin(TenantModelAdmin):
    """Hands what was typed to `create` or `alter` and lets their refusals come back on the form."""

    def create(self, by: Any, fields: dict[str, Any]) -> Model:
        """Call the rule that adds a row; `fields` are all that the form asked for."""
        raise NotImplementedError

    def alter(self, row: Any, by: Any, fields: dict[str, Any]) -> Model:
        """Call the rule that changes `row`; `fields` are those that were changed."""
        raise NotImplementedError

    def figures_of(self, fields: dict[str, Any]) -> str:
        """What adding a row of these `fields` will do, in words and figures; empty: it is done without asking."""
        return ""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form; where adding has consequences, what they are stands on a page before it is done."""
        figures = self._figures(request) if request.method == "POST" and self.has_add_permission(request) else ""
        if not figures or answered(request, figures):
            return super().add_view(request, form_url, extra_context)
        return review(self, request, figures)

    def _figures(self, request: HttpRequest) -> str:
        form = self.get_form(request)(request.POST, request.FILES)
        return self.figures_of(dict(form.cleaned_data)) if form.is_valid() else ""

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        if change:
            fields = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
            saved = self.alter(obj, request.user, fields)
        else:
            saved = self.create(request.user, dict(form.cleaned_data))
        obj.__dict__.update(saved.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Links to many went with the rest of the form; rows of the inlines go to rules of their own."""
        for formset in formsets:
            formset.save_by_rules(form.instance, request.user)
