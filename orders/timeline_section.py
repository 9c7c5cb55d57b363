"""An order's timeline on its page in the console."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext

from orders import timeline
from orders.models import Order
from trufan.lib import words
from trufan.lib.console import columns
from trufan.lib.console.sections import Choice, Section

_ANCHOR = "story"


def timeline_section(page: Any, request: HttpRequest, order: Order) -> Section:
    """What happened, by the venue's clock, as far as the reader may see it; narrowed by `?story=&first=&all=`."""

    def may(permission: str) -> bool:
        return bool(page.may(request, permission, order))

    kinds = timeline.kinds_for(may)
    asked = request.GET.get("story", "")
    kind = asked if asked in kinds else ""
    oldest, whole = request.GET.get("first") == "oldest", "all" in request.GET
    told = timeline.tell(order, may, kind=kind, oldest_first=oldest, limit=timeline.ALL if whole else timeline.SHOWN)
    return Section(
        title=gettext("What happened"),
        headers=[gettext("when"), gettext("kind"), gettext("what"), gettext("who")],
        rows=[
            [
                columns.local_time(moment.at, order.venue.zone),
                columns.label(moment.kind),
                page.link(request, moment.row, moment.text) if moment.row else moment.text,
                moment.who or "–",
            ]
            for moment in told.moments
        ],
        empty=gettext("Nothing of this kind has happened yet."),
        anchor_id=_ANCHOR,
        choices=_choices(kinds, kind, oldest, told.has_more),
    )


def _choices(kinds: list[timeline.Kind], kind: str, oldest: bool, has_more: bool) -> list[Choice]:
    choices = [Choice(gettext("Everything"), _url("", oldest), not kind)]
    choices += [Choice(words.of_choice(one.value), _url(one, oldest), one == kind) for one in kinds]
    choices.append(Choice(gettext("Newest first") if oldest else gettext("Oldest first"), _url(kind, not oldest)))
    if has_more:
        choices.append(Choice(gettext("Show all"), _url(kind, oldest, whole=True)))
    return choices


def _url(kind: str, oldest: bool, *, whole: bool = False) -> str:
    query = {"story": str(kind)} if kind else {}
    query |= {"first": "oldest"} if oldest else {}
    query |= {"all": "1"} if whole else {}
    return f"?{urlencode(query)}#{_ANCHOR}"
