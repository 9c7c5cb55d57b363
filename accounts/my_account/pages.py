"""How the pages of one's own account are put together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse


def page(request: HttpRequest, template: str, title: str, **facts: Any) -> HttpResponse:
    """A page of the console."""
    request.current_app = admin.site.name
    context = {**admin.site.each_context(request), "title": title, **facts}
    return TemplateResponse(request, f"admin/account/{template}", context)


def ask(
    request: HttpRequest,
    title: str,
    consequence: str,
    form: forms.Form,
    *,
    button: str,
    is_destructive: bool = False,
) -> HttpResponse:
    """A page that says what will happen, asks what it needs, and does it by POST."""
    return page(
        request,
        "ask.html",
        title,
        consequence=consequence,
        form=form,
        button=button,
        is_destructive=is_destructive,
        back=reverse("admin:account"),
    )
