"""Rows that are edited on the page of the row they belong to, each saved by a rule like the page itself."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline


class RuleSavedFormSet(BaseInlineFormSet):
    """Tells each form the row it belongs to, which may be new itself, and saves by the inline's rules."""

    inline: RuleSavedInline
    new_objects: list[Any]
    changed_objects: list[Any]
    deleted_objects: list[Any]

    def _construct_form(self, i: int, **kwargs: Any) -> ModelForm:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.parent = self.instance
        return form

    def save_by_rules(self, parent: Any, by: Any) -> None:
        # Django reads these for a log of its own, which the console does not keep.
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        for form in self.forms:
            typed = getattr(form, "cleaned_data", {})
            if form.instance._state.adding:
                if form.has_changed() and not typed.get("DELETE"):
                    self.inline.create(parent, by, self._fields(form, list(typed)))
            elif typed.get("DELETE"):
                self.inline.remove(form.instance, by)
            elif form.has_changed():
                self.inline.alter(form.instance, by, self._fields(form, form.changed_data))

    def _fields(self, form: ModelForm, names: list[str]) -> dict[str, Any]:
        own = {"DELETE", "id", self.fk.name}
        return {name: form.cleaned_data[name] for name in names if name in form.cleaned_data and name not in own}


class RuleSavedInline(TabularInline):
    """Seen and changed by whoever may see and change the page. Without `remove` its rows stay."""

    extra = 0
    formset = RuleSavedFormSet
    can_delete = False
    tab = False

    def create(self, parent: Any, by: Any, fields: dict[str, Any]) -> Model:
        """Call the rule that adds a row to `parent`."""
        raise NotImplementedError

    def alter(self, row: Any, by: Any, fields: dict[str, Any]) -> Model:
        """Call the rule that changes `row`; `fields` are those that were changed."""
        raise NotImplementedError

    def remove(self, row: Any, by: Any) -> None:
        """Call the rule that takes `row` away."""
        raise NotImplementedError

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[BaseInlineFormSet]:
        made = super().get_formset(request, obj, **kwargs)
        made.inline = self
        return made

    # -- Who may: whoever may on the page --

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._page.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._page.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._page.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_delete and self._page.has_change_permission(request, obj)

    @property
    def _page(self) -> Any:
        return self.admin_site._registry[self.parent_model]
