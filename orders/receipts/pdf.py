"""A paper as PDF. The core fonts of PDF know Latin letters alone, so the file carries those it uses of DejaVu Sans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from orders.receipts.page import Page

_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "DejaVu Sans"
_GREY = (85, 85, 85)


class _Paper(FPDF):
    """A4 in portrait, its pages numbered."""

    def __init__(self, page: Page, issued_at: datetime) -> None:
        super().__init__(format="A4")
        self.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margin(20)
        self.set_auto_page_break(True, margin=22)
        self.set_title(f"{page.title} {page.number}")
        self.set_author(page.issuer)
        self.set_lang("en")
        self.set_creation_date(issued_at)
        self.number_line = f"{page.title} {page.number}"
        self.add_page()

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(_FAMILY, size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"{self.number_line}, page {self.page_no()} of {{nb}}", align="C")
        self.set_text_color(0)

    def line_of(self, text: str, *, size: float = 9, style: str = "", gap: float = 5) -> None:
        """One paragraph from margin to margin."""
        self.set_font(_FAMILY, style, size)
        self.multi_cell(0, gap, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def rows(
        self,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        headings: Sequence[str] = (),
        is_last_bold: bool = False,
    ) -> None:
        """A table: the first column to the left, the others to the right."""
        self.set_font(_FAMILY, size=9)
        self.set_draw_color(200)
        with self.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=tuple(widths),
            first_row_as_headings=bool(headings),
            headings_style=FontFace(emphasis="BOLD", color=_GREY),
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
    """The paper's bytes."""
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
            headings=("Item", "Quantity", "Price", "Net", "Tax", "Total"),
        )
    paper.heading("Amounts")
    paper.rows([*page.sums, page.total], (130, 40), is_last_bold=True)
    if page.taxes:
        paper.heading("Tax by rate")
        paper.rows(page.taxes, (90, 40, 40), headings=("Rate", "Net", "Tax"))
    if page.movements:
        paper.heading(f"Payments and refunds, as of {page.as_of}")
        paper.rows([(f"{each.when}\n{each.what}", each.amount) for each in page.movements], (130, 40))
    return bytes(paper.output())
