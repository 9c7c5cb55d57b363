"""Pages whose form is saved by a rule, not by the model: the rule checks, writes and keeps the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest

from trufan.lib.console.tenancy import TenantModelAdmin


class RuleSavedAdmin(TenantModelAdmin):
    """Hands what was typed to `create` or `alter` and lets their refusals come back on the form."""

    def create(self, by: Any, fields: dict[str, Any]) -> Model:
        """Call the rule that adds a row; `fields` are all that the form asked for."""
        raise NotImplementedError

    def alter(self, row: Any, by: Any, fields: dict[str, Any]) -> Model:
        """Call the rule that changes `row`; `fields` are those that were changed."""
        raise NotImplementedError

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
