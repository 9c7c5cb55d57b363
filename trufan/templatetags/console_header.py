"""What stands in the header of every page of the console: the search box and the switch of venue."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from trufan.finding import all_labels
from trufan.lib.console import switching

register = template.Library()
#: Of more venues one is named rather than picked.
_PICKED = 60


@register.inclusion_tag("admin/find/header.html", takes_context=True)
def console_header(context: Any) -> dict[str, Any]:
    """The search box for staff, and the switch for those who run several venues."""
    request = context["request"]
    labels = all_labels(request)
    chosen = switching.chosen(request)
    return {
        "request": request,
        "find_url": reverse("console_find"),
        "switch_url": reverse("console_switch"),
        "words": request.GET.get("q", "") if request.path == reverse("console_find") else "",
        "several": len(labels) > 1,
        "labels": labels[:_PICKED] if len(labels) <= _PICKED else [],
        "chosen": next((label for label in labels if label.id == chosen), None),
    }
