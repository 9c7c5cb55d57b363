"""Buttons of a row: a link to a page that says in words what will happen, and a form there that does it.

A button calls the same rule as the API. Only the POST acts, with its CSRF token; a refusal of the rule becomes a
message on the row's page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from trufan.lib.console.columns import change_url
from trufan.lib.console.forms import Answers, in_full
from trufan.lib.errors import DomainError

#: How the list's address comes back: its query, never an address of another page.
BACK = "list"
#: In a form that only wants to know what it would do.
PREVIEW = "preview"


def always(row: Any) -> bool:
    return True


@dataclass(frozen=True)
class RowButton:
    """`run(row, by=…, now=…, **answers)` is the rule; `answers` are what `form` asked for.

    `permission`, any of several, is asked at the row's venue; None: super admins alone. `consequence` says what will
    happen, `done` what has happened (`{row}` is the row); `available` hides the button where the rule would refuse
    anyway. `form` may be made for the row. `figures(row, now=…, **answers)` tells what exactly these answers will do,
    and asks once more. `template` is the page that asks, where a job has one of its own: it may post with `preview` to
    learn the figures without acting.
    """

    name: str
    label: str
    permission: str | Sequence[str] | None
    run: Callable[..., Any]
    consequence: str | Callable[[Any], str]
    done: str
    available: Callable[[Any], bool] = always
    form: type[Answers] | Callable[[Any], type[Answers]] = Answers
    figures: Callable[..., str] | None = None
    icon: str = "play_arrow"
    is_destructive: bool = False
    template: str = "admin/console/confirm.html"

    def form_for(self, row: Any) -> type[Answers]:
        return self.form if isinstance(self.form, type) else self.form(row)

    def explain(self, row: Any) -> str:
        """What pressing will do to `row`."""
        return self.consequence(row) if callable(self.consequence) else self.consequence.format(row=row)


class ButtonsMixin:
    """Gives a `ModelAdmin` its `buttons`. Expects `may(request, permission, row)` of the tenancy."""

    buttons: Sequence[RowButton] = ()
    #: Names of buttons that ask nothing and stand in the list as well, in the column `touch`: one press does it.
    touches: Sequence[str] = ()

    def get_urls(self) -> list[URLPattern]:
        def view(request: HttpRequest, object_id: str, name: str) -> HttpResponse:
            return self.admin_site.admin_view(self.button_view)(request, object_id, name)

        url = path("<path:object_id>/do/<slug:name>/", update_wrapper(view, self.button_view), name=self._url_name())
        return [url, *super().get_urls()] if self.buttons else super().get_urls()

    def _url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_button"

    def button_links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """What the row's page shows: the buttons that this person may press in the row's present state."""
        shown = [each for each in self.buttons if self.may(request, each.permission, row) and each.available(row)]
        return [
            {
                "button": button,
                "url": reverse(f"admin:{self._url_name()}", args=[row.pk, button.name]),
                "is_first": button is shown[0],
            }
            for button in shown
        ]

    def attach_touches(self, request: HttpRequest, row: Any) -> None:
        """Let the row of a list know what this person may do to it there, and how the list was narrowed."""
        shown = [each for each in self.buttons if each.name in self.touches and each.available(row)]
        row._console_touches = [each for each in shown if self.may(request, each.permission, row)]
        row._console_back = request.GET.urlencode()

    @admin.display(description="")
    def touch(self, row: Any) -> SafeString:
        """The column: buttons that post the list's own form, with its CSRF token, to the button's address."""
        return format_html_join(
            " ",
            '<button type="submit" formmethod="post" formaction="{}?{}" class="console-touch">{}</button>',
            (
                (
                    reverse(f"admin:{self._url_name()}", args=[row.pk, each.name]),
                    urlencode({BACK: row._console_back}),
                    each.label,
                )
                for each in getattr(row, "_console_touches", ())
            ),
        )

    def button_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """GET asks, POST acts. A row of another venue is answered like one that does not exist."""
        button = next((button for button in self.buttons if button.name == name), None)
        if button is None:
            raise Http404
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.may(request, button.permission, row):
            raise PermissionDenied
        if request.method == "POST":
            form = button.form_for(row)(request.POST)
            return self._press(request, button, row, form) if form.is_valid() else self._ask(request, button, row, form)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "POST"])
        if not button.available(row):
            messages.warning(
                request,
                gettext("“{button_label}” does not apply to {row} as it stands now.").format(
                    button_label=button.label, row=row
                ),
            )
            return HttpResponseRedirect(change_url(row))
        return self._ask(request, button, row, button.form_for(row)())

    def _press(self, request: HttpRequest, button: RowButton, row: Any, form: Answers) -> HttpResponse:
        now = timezone.now()
        try:
            figures = button.figures(row, now=now, **form.cleaned_data) if button.figures else ""
            # Browsers send line breaks as CRLF.
            said = request.POST.get("confirmed", "").replace("\r\n", "\n")
            if PREVIEW in request.POST or (figures and figures != said):
                return self._ask(request, button, row, form, figures)
            button.run(row, by=request.user, now=now, **form.cleaned_data)
        except DomainError as refusal:
            if PREVIEW in request.POST:
                form.add_error(None, in_full(refusal))
                return self._ask(request, button, row, form)
            messages.error(request, in_full(refusal))
        else:
            messages.success(request, button.done.format(row=row))
        return HttpResponseRedirect(self._after(request, row))

    def _after(self, request: HttpRequest, row: Any) -> str:
        """The row's page; the list, narrowed as it was, where the button stood there."""
        narrowed = request.GET.get(BACK)
        if narrowed is None:
            return change_url(row)
        return f"{reverse(f'admin:{self.opts.app_label}_{self.opts.model_name}_changelist')}?{narrowed}"

    def _ask(self, request: HttpRequest, button: RowButton, row: Any, form: Answers, figures: str = "") -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": button.label,
            "subtitle": str(row),
            "opts": self.opts,
            "row": row,
            "button": button,
            "consequence": figures or button.explain(row),
            "figures": figures,
            "form": form,
            "media": self.media,
            "back": change_url(row),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, button.template, context)
