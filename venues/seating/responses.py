"""The file and the picture of a plan as answers, of the API and of the console."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response

from trufan.lib import spreadsheets
from venues.seating import drawing, exporting
from venues.seating.models import SeatingPlan


def csv_of(plan: SeatingPlan) -> HttpResponse:
    """The plan's seats as a file."""
    headers = {"Content-Disposition": 'attachment; filename="seats.csv"', "Cache-Control": "no-store"}
    return HttpResponse(exporting.as_csv(plan), content_type=spreadsheets.CONTENT_TYPE, headers=headers)


def picture_of(request: Any, plan: SeatingPlan) -> HttpResponse:
    """The plan's picture, or that it is the one that the browser has."""
    tag = drawing.tag_of(plan)
    same = get_conditional_response(request, etag=tag)
    answer = same or HttpResponse(drawing.picture(plan), content_type="image/svg+xml")
    answer["ETag"] = tag
    # Kept by who may see it, and asked for again each time.
    answer["Cache-Control"] = "private, no-cache"
    return answer
