"""How the one who was offered a ticket reaches the offer: by a code that only the message to them carries."""

from __future__ import annotations

from django.conf import settings

from ticketing.transfers.models import TicketTransfer
from trufan.lib import row_codes

HEADER = "X-Transfer-Code"
_PURPOSE = "ticketing.transfers.access"


def code_for(transfer: TicketTransfer) -> str:
    """26 characters, 128 bits."""
    return row_codes.code_for(_PURPOSE, transfer.pk)


def allows(transfer: TicketTransfer, code: str) -> bool:
    """Whether `code` opens this offer."""
    return row_codes.opens(_PURPOSE, transfer.pk, code)


def link(transfer: TicketTransfer) -> str:
    """Where the recipient sees the offer; the code stands behind the #, which no server logs."""
    return f"{settings.FRONTEND_URL}/ticket-transfers/{transfer.pk}#code={code_for(transfer)}"
