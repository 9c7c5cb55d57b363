"""An order's papers on its page in the console."""

from __future__ import annotations

from django.utils.translation import gettext

from orders.models import Order
from orders.receipts import links
from orders.receipts.models import Receipt
from orders.receipts.page import TITLES
from orders.receipts.serializers import shown_receipts
from trufan.lib.console import columns
from trufan.lib.console.columns import anchor, show
from trufan.lib.console.sections import Section


def receipt_section(row: Order) -> Section:
    """Each paper with links to its page and its PDF, good for thirty days from now. One query."""
    key = links.key_for(row.pk)
    return Section(
        title=gettext("Receipts and credit notes"),
        headers=[gettext("number"), gettext("what"), gettext("amount"), gettext("issued"), gettext("PDF")],
        rows=[
            [
                anchor(links.path_to(row.pk, paper.number, key=key), paper.label),
                _title(paper),
                show(paper.amount, paper.currency),
                columns.local_time(paper.issued_at, row.venue.zone),
                anchor(links.path_to(row.pk, paper.number, pdf=True, key=key), gettext("PDF")),
            ]
            for paper in shown_receipts(row)
        ],
        empty=gettext("Numbered once something is paid; a free order has none."),
    )


def _title(paper: Receipt) -> str:
    title = str(TITLES[Receipt.Kind(paper.kind)])
    return gettext("{kind} on {number}").format(kind=title, number=paper.amends.label) if paper.amends else title
