"""The API face of a venue's statements: what its recipients are owed, what moved, and the same for a spreadsheet."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from payments import statements
from payments.models import JournalEntry, LedgerLine
from payments.statements import Period
from trufan.lib import spreadsheets
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.schema import documented
from venues.models import Venue
from venues.permissions import venue_for

STAFF = "Staff with `manage_payouts` there."
STATEMENT: dict[str, Any] = {
    "recipient": {"id": "0198c0de-7a11-7000-8000-00000000a005", "name": "Taco stand"},
    "currency": "USD",
    "from": "2026-11-01",
    "to": "2026-11-30",
    "opening_balance": 0,
    "movements": [
        {"kind": "refund", "count": 1, "amount": -1_250},
        {"kind": "share", "count": 40, "amount": 98_000},
        {"kind": "transfer", "count": 38, "amount": -94_150},
    ],
    "closing_balance": 2_600,
    "debt": 0,
}
MOVEMENT: dict[str, Any] = {
    "entry": "0198c0de-7a11-8000-8000-00000000a006",
    "occurred_at": "2026-11-22T20:15:04Z",
    "kind": "share",
    "recipient": {"id": "0198c0de-7a11-7000-8000-00000000a005", "name": "Taco stand"},
    "order": "K7Q2M9XD",
    "payment": "0198c0de-7a11-7000-8000-00000000a007",
    "amount": 2_450,
    "currency": "USD",
}
CSV: Any = (
    "recipient,currency,when,what,order,entry,amount,balance\r\n"
    "Taco stand,USD,2026-11-01T00:00:00-04:00,opening balance,,,,0.00\r\n"
)
PARAMETERS = [
    OpenApiParameter("from", date, description="The first day, by the venue's clocks; else the first of the month."),
    OpenApiParameter("to", date, description="The last day, included; else today."),
    OpenApiParameter("recipient", UUID, description="One recipient of the venue instead of all."),
]


class StatementRecipientSerializer(serializers.Serializer):
    """Whom shares are owed to: the venue itself, or one of its stands."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class StatementSumSerializer(serializers.Serializer):
    """All of one kind in the period."""

    kind = serializers.ChoiceField(choices=JournalEntry.Kind.choices)
    count = serializers.IntegerField()
    amount = serializers.IntegerField(help_text="Positive in the recipient's favour.")


class StatementSerializer(serializers.Serializer):
    """One recipient's period in one currency; amounts in minor units."""

    recipient = StatementRecipientSerializer()
    currency = serializers.CharField()
    opening_balance = serializers.IntegerField(source="opening", help_text="Owed to the recipient; negative: by it.")
    movements = StatementSumSerializer(many=True)
    closing_balance = serializers.IntegerField(source="closing")
    debt = serializers.IntegerField(help_text="What the recipient owes at the end; the closing balance has it in it.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name for an attribute in Python.
        days = {"from": serializers.DateField(source="period.first"), "to": serializers.DateField(source="period.last")}
        return {**super().get_fields(), **days}


class StatementMovementSerializer(serializers.Serializer):
    """One entry of the books, as far as it concerns one recipient."""

    entry = serializers.UUIDField(source="entry_id")
    occurred_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=JournalEntry.Kind.choices, source="entry.kind")
    recipient = StatementRecipientSerializer()
    order = serializers.CharField(source="entry.payment.reference", allow_null=True, help_text="The order's number.")
    payment = serializers.UUIDField(source="entry.payment_id", allow_null=True)
    amount = serializers.SerializerMethodField(help_text="Positive in the recipient's favour.")
    currency = serializers.CharField()

    def get_amount(self, row: LedgerLine) -> int:
        return -row.amount


class AskedSerializer(serializers.Serializer):
    """The period and the recipient that are asked for."""

    recipient = serializers.UUIDField(required=False)

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name for an attribute in Python.
        days = {name: serializers.DateField(required=False) for name in ("from", "to")}
        return {**super().get_fields(), **days}


class StatementViewSet(viewsets.GenericViewSet):
    """Statements of the recipients at the venue in the path."""

    permission_classes = [IsAuthenticated]
    filter_backends: list[Any] = []
    queryset = LedgerLine.objects.none()
    serializer_class = StatementSerializer

    @cached_property
    def venue(self) -> Venue:
        """The venue in the path; raises `Missing` or `Forbidden`."""
        return venue_for(self.request.user, self.kwargs["venue_id"], Permission.MANAGE_PAYOUTS)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """What the statement functions take. Raises `Invalid`, and `Missing` for a recipient of another venue."""
        venue = self.venue
        given = AskedSerializer(data=self.request.query_params)
        given.is_valid(raise_exception=True)
        days = given.validated_data
        recipient = days.get("recipient")
        if recipient:
            statements.recipient_at(venue.pk, recipient)
        period = Period.of(days.get("from"), days.get("to"), venue.zone, timezone.now())
        return {"venue_id": venue.pk, "period": period, "recipient_id": recipient}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A spreadsheet asks for text/csv, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action == "download")

    @documented(
        "List a venue's statements",
        permission=STAFF,
        description="One for each recipient and currency, out of the books: what was owed to the recipient before the "
        "period, what moved by kind, and what is owed after it. Shares are positive; transfers sent, refunds and money "
        "held for disputes negative. A period that is over does not change any more.",
        response=StatementSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=STATEMENT,
        parameters=PARAMETERS,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page: Any = self.paginate_queryset(statements.balances(**self.asked))
        shown = statements.statements(page, self.asked["period"])
        return self.get_paginated_response(StatementSerializer(shown, many=True).data)

    @documented(
        "List what moved a venue's balances",
        permission=STAFF,
        description="The entries behind the statements of the same period, in the order in which they were booked.",
        response=StatementMovementSerializer(many=True),
        errors=[Missing, Forbidden],
        response_example=MOVEMENT,
        parameters=PARAMETERS,
    )
    def movements(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows: QuerySet = statements.movements(**self.asked)
        return self.get_paginated_response(StatementMovementSerializer(self.paginate_queryset(rows), many=True).data)

    @documented(
        "Download a venue's statements",
        permission=STAFF,
        description="The same as CSV, for a spreadsheet: each recipient's opening balance, its movements with the "
        "balance after each, its closing balance. Amounts are decimals of the currency.",
        errors=[Missing, Forbidden],
        response_example=CSV,
        media_type="text/csv",
        parameters=PARAMETERS,
    )
    def download(self, request: Request, *args: Any, **kwargs: Any) -> StreamingHttpResponse:
        return spreadsheets.download(statements.table(**self.asked), statements.filename(self.asked["period"]))
