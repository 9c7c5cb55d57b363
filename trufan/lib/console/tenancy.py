"""The parent of every page of the console: it shows, offers and takes nothing beyond the reader's own venues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, ManyToManyField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from trufan.lib.console import switching, venue_labels
from trufan.lib.console.buttons import ButtonsMixin
from trufan.lib.console.columns import anchor, change_url, reach
from trufan.lib.console.exporting import ExportMixin
from trufan.lib.console.forms import refused
from trufan.lib.console.paging import BoundedPaginator, bound_at
from trufan.lib.console.sections import Section
from trufan.lib.errors import DomainError

_REFUSAL = "_console_refusal"


class LabelledChangeList(ChangeList):
    """Tells each row of the page whose it is, and holds those of the chosen venue alone."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        return self.model_admin.narrowed(request, super().get_queryset(request, exclude_parameters))

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: list[Model] = list(self.result_list)
        for row in self.result_list:
            self.model_admin.attach_label(request, row)
            self.model_admin.attach_touches(request, row)


class TenantModelAdmin(ButtonsMixin, ExportMixin, ModelAdmin):
    """Rows of venues, seen with `view_permission`, added and changed with `change_permission`, never deleted.

    `venue_lookup` is the path from a row to its venue's id (`event__venue_id`); None: no venue's, super admins alone.
    A `view_permission` of several is any of them. Without a `change_permission` the rows are read-only for everyone.
    """

    venue_lookup: str | None = None
    view_permission: str | Sequence[str] | None = None
    change_permission: str | None = None
    can_add = False
    #: Fields that are typed one way and read another: field → the column that readers see in its place.
    readers_see: Mapping[str, str] = {}

    actions = None
    show_full_result_count = False
    list_per_page = 50
    paginator = BoundedPaginator
    compressed_fields = True
    list_filter_submit = True
    change_form_outer_before_template = "admin/console/buttons.html"
    change_form_outer_after_template = "admin/console/sections.html"

    # -- Whose rows --

    def venue_id_of(self, row: Model) -> UUID | None:
        """The venue that `row` belongs to."""
        return reach(row, self.venue_lookup) if self.venue_lookup else None

    def rows_where(self, request: HttpRequest, permissions: str | Sequence[str] | None) -> QuerySet:
        """The rows at venues where the person holds any of `permissions`."""
        return self.narrowed(request, self._keep(request, self.model._default_manager.all(), permissions))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self._keep(request, super().get_queryset(request), self.view_permission)

    def _keep(self, request: HttpRequest, rows: QuerySet, permissions: str | Sequence[str] | None) -> QuerySet:
        if request.user.is_superuser:
            return rows
        if self.venue_lookup is None:
            return rows.none()
        return rows.filter(**{f"{self.venue_lookup}__in": self._venues(request, permissions)})

    def _venues(self, request: HttpRequest, permissions: str | Sequence[str] | None) -> set[UUID]:
        user: Any = request.user
        return set().union(*(user.venues_where(permission) for permission in _several(permissions)))

    def narrowed(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Of a super admin's rows, who sees all, those of the venue chosen; staff hold rights nowhere else then."""
        venue_id = switching.chosen(request)
        if venue_id is None or self.venue_lookup is None or not request.user.is_superuser:
            return rows
        return rows.filter(**{self.venue_lookup: venue_id})

    def sees_venue(self, request: HttpRequest, venue_id: UUID) -> bool:
        """Whether rows of this venue appear in the person's list."""
        return request.user.is_superuser or venue_id in self._venues(request, self.view_permission)

    def attach_label(self, request: HttpRequest, row: Model) -> None:
        """Let the row know its venue's name, zone and currency."""
        if self.venue_lookup:
            venue_id = self.venue_id_of(row)
            venue_labels.attach(row, venue_labels.of_request(request).get(venue_id) if venue_id else None)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            self.attach_label(request, row)
        return row

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LabelledChangeList

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("bound", bound_at(request.GET.get(PAGE_VAR), per_page))
        return self.paginator(queryset, per_page, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """A row of another of the person's venues says so; any other is one that does not exist."""
        if self._is_elsewhere(request, unquote(object_id)):
            messages.info(
                request, gettext("This belongs to another of your venues. Choose it, or all of them, to open it.")
            )
            return HttpResponseRedirect(reverse("admin:index"))
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)

    def _is_elsewhere(self, request: HttpRequest, object_id: str) -> bool:
        if switching.chosen(request) is None or self.venue_lookup is None or request.user.is_superuser:
            return False
        try:
            row = self.model._default_manager.filter(pk=object_id).first()
        except (ValueError, ValidationError):
            return False
        venue_id = self.venue_id_of(row) if row else None
        if venue_id is None:
            return False
        held = switching.granted_everywhere(request.user).get(venue_id, frozenset())
        return any(permission in held for permission in _several(self.view_permission))

    # -- Who may --

    def may(self, request: HttpRequest, permission: str | Sequence[str] | None, row: Model | None = None) -> bool:
        """Whether the person holds `permission`, any of several, at the row's venue; or at any without a row."""
        user: Any = request.user
        if user.is_superuser:
            return True
        if permission is None or self.venue_lookup is None:
            return False
        if row:
            venue_id = self.venue_id_of(row)
            return any(user.can(one, venue_id) for one in _several(permission))
        return bool(self._venues(request, permission))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, self.view_permission, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.change_permission is not None and self.may(request, self.change_permission, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Asked of everyone, on the login page even of nobody."""
        return request.user.is_authenticated and self.has_view_permission(request)

    # -- What may be chosen --

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self.choices_of(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", self.choices_of(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def choices_of(self, model: type[Model], request: HttpRequest) -> QuerySet:
        """The rows of another table that a form of this page may name: those at venues where it may change."""
        page = self.admin_site._registry.get(model)
        if isinstance(page, TenantModelAdmin):
            return page.rows_where(request, self.change_permission)
        return model._default_manager.all() if request.user.is_superuser else model._default_manager.none()

    # -- The row's page --

    def sections(self, request: HttpRequest, row: Any) -> Iterable[Section]:
        """The tables below the row's fields."""
        return ()

    def link(self, request: HttpRequest, row: Model | None, text: str = "") -> str:
        """The row as a link where the person may open it, else as plain words."""
        if row is None:
            return "–"
        page = self.admin_site._registry.get(type(row))
        opens = page is not None and page.has_view_permission(request, row)
        return anchor(change_url(row), text or str(row)) if opens else text or str(row)

    def list_url(self, model: type[Model], **query: Any) -> str:
        """Another table's list, narrowed by a search or a filter."""
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=query or None)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.readers_see or self.has_change_permission(request, obj):
            return fieldsets
        return [(title, {**options, "fields": self._as_read(options["fields"])}) for title, options in fieldsets]

    def _as_read(self, fields: Iterable[Any]) -> list[Any]:
        return [
            self.readers_see.get(field, field) if isinstance(field, str) else tuple(self._as_read(field))
            for field in fields
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        extra = {**(extra_context or {})}
        if row is not None and request.method in ("GET", "HEAD"):
            extra |= {"button_links": self.button_links(request, row), "sections": list(self.sections(request, row))}
        label = venue_labels.of_row(row) if row is not None else None
        with timezone.override(label.zone) if label else nullcontext():
            return _rendered(super().change_view(request, object_id, form_url, extra))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        labels = list(venue_labels.of_request(request).values())
        with timezone.override(labels[0].zone) if len(labels) == 1 else nullcontext():
            return _rendered(super().add_view(request, form_url, extra_context))

    # -- Rules that refuse --

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A refusal undoes the whole save and comes back on the form as it was filled in."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            setattr(request, _REFUSAL, refusal)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def refuse(self, request: HttpRequest, refusal: DomainError) -> None:
        """Let the form of this request come back with a refusal that was found before it was saved."""
        setattr(request, _REFUSAL, refusal)

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, _REFUSAL, None)
        return refused(form, refusal) if refusal else form

    # -- History: the audit trail is the only one --

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Not here: pages of rows that have an audit trail show that (`audit.console.HistoryMixin`)."""
        raise Http404

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Nothing: whoever saves writes the audit trail."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Nothing: whoever saves writes the audit trail."""


def _several(permissions: str | Sequence[str] | None) -> Sequence[str]:
    if permissions is None:
        return ()
    return (permissions,) if isinstance(permissions, str) else permissions


def _rendered(response: HttpResponse) -> HttpResponse:
    """Render while the venue's clock is in force; Django would do it after the view."""
    render = getattr(response, "render", None)
    return render() if callable(render) else response
