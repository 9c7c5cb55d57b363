"""Small pictures of the dashboard, drawn on the server: a renewed page has them too. Words beside them say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pygal
from pygal.style import Style

_STYLE = Style(background="transparent", plot_background="transparent", colors=("#2563eb", "#94a3b8"))


def pace(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Two lines, what is sold and what usually was; no axes, no script, no words."""
    chart = pygal.Line(
        width=320, height=72, style=_STYLE, show_dots=False, show_legend=False, show_x_labels=False,
        show_y_labels=False, show_y_guides=False, margin=2, js=(), stroke_style={"width": 2}, explicit_size=False,
        disable_xml_declaration=True, no_prefix=True, include_x_axis=True,
    )  # fmt: skip
    chart.add("", list(ours))
    chart.add("", list(theirs))
    svg = chart.render(is_unicode=True)
    # Its script fetches another from elsewhere, and its style sheet is for a page of its own.
    svg = re.sub(r"<script.*?</script>|<defs>.*?</defs>|<style.*?</style>|<title>.*?</title>", "", svg, flags=re.S)
    return svg.replace("<svg ", '<svg class="console-pace" aria-hidden="true" ', 1)
