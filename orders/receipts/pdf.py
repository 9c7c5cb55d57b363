"""A paper as PDF. The core fonts of PDF know Latin letters alone, so the file carries those it uses of DejaVu Sans."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime
from pathlib import Path

from django.utils import translation
from django.utils.translation import get_language, gettext
from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from orders.receipts.page import Page

_FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu Sans"
GREY = (85, 85, 85)
A4 = (210.0, 297.0)


class Sheet(FPDF):
    """A page, A4 in portrait unless said otherwise, with our letters; the same bytes for the same content.

    `size` is its width and height in millimetres, `margin` what stays white around it.
    """

    def __init__(
        self, title: str, author: str, created_at: datetime, size: tuple[float, float] = A4, margin: float = 20
    ) -> None:
        super().__init__(format=size)
        self.add_font(FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margin(margin)
        self.set_auto_page_break(True, margin=margin + 2)
        self.set_title(title)
        self.set_author(author)
        self.set_lang(get_language() or "en")
        self.set_creation_date(created_at)

    @property
    def letters(self) -> Container[int]:
        """The code points that our fonts have a picture of."""
        self.set_font(FAMILY)
        font = self.current_font
        return font.cmap if isinstance(font, TTFFont) else range(256)

    def at_the_foot(self, text: str) -> None:
        """One small grey line below everything; two where the page is narrow."""
        self.set_y(-15)
        self.set_font(FAMILY, size=8)
        self.set_text_color(*GREY)
        self.multi_cell(0, 4, text, align="C")
        self.set_text_color(0)

    def line_of(self, text: str, *, size: float = 9, style: str = "", gap: float = 5) -> None:
        """One paragraph from margin to margin."""
        self.set_font(FAMILY, style, size)
        self.multi_cell(0, gap, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


class _Paper(Sheet):
    """A receipt: its pages are numbered."""

    def __init__(self, page: Page, issued_at: datetime) -> None:
        self.number_line = f"{page.title} {page.number}"
        super().__init__(self.number_line, page.issuer, issued_at)
        self.add_page()

    def footer(self) -> None:
        self.at_the_foot(
            gettext("{paper}, page {page} of {pages}").format(paper=self.number_line, page=self.page_no(), pages="{nb}")
        )

    def rows(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        headings: Sequence[str] = (),
        is_last_bold: bool = False,
    ) -> None:
        """A table: the first column to the left, the others to the right."""
        self.set_font(FAMILY, size=9)
        self.set_draw_color(200)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(widths),
            first_row_as_headings=bool(headings),
            headings_style=FontFace(emphasis="BOLD", color=GREY),
            line_height=5,
            padding=1,
            text_align=("LEFT", *["RIGHT"] * (len(widths) - 1)),
        ) as table:
            if headings:
                table.row(headings)
            for at, row in enumerate(rows):
                bold = FontFace(emphasis="BOLD") if is_last_bold and at == len(rows) - 1 else None
                table.row(row, style=bold)

    def heading(self, text: str) -> None:
        self.ln(6)
        self.line_of(text, size=11, style="B", gap=7)


def render(page: Page, issued_at: datetime) -> bytes:
    """The paper's bytes, in the language that its words are in."""
    with translation.override(page.language):
        return _rendered(page, issued_at)


def _rendered(page: Page, issued_at: datetime) -> bytes:
    paper = _Paper(page, issued_at)
    paper.line_of(page.issuer, size=12, style="B", gap=6)
    for part in page.address:
        paper.line_of(part)
    paper.ln(6)
    paper.line_of(page.title, size=16, style="B", gap=9)
    for name, value in page.facts:
        paper.line_of(f"{name}: {value}")
    if page.lines:
        paper.ln(4)
        paper.rows(
            [
                ("\n".join([line.what, *line.details]), line.quantity, line.price, line.net, line.tax, line.total)
                for line in page.lines
            ],
            (60, 20, 24, 22, 20, 24),
            headings=[gettext(each) for each in ("Item", "Quantity", "Price", "Net", "Tax", "Total")],
        )
    paper.heading(gettext("Amounts"))
    paper.rows([*page.sums, page.total], (130, 40), is_last_bold=True)
    if page.taxes:
        paper.heading(gettext("Tax by rate"))
        paper.rows(page.taxes, (90, 40, 40), headings=[gettext(each) for each in ("Rate", "Net", "Tax")])
    if page.movements:
        paper.heading(gettext("Payments and refunds, as of {as_of}").format(as_of=page.as_of))
        paper.rows([(f"{each.when}\n{each.what}", each.amount) for each in page.movements], (130, 40))
    return bytes(paper.output())
