"""The API face of quotes and reservations: parse, call, serialize."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from orders.serializers import PaySerializer
from orders.views import ACCESS_CODE
from parking.booking import cancelling, changing, codes, quoting
from parking.booking.examples import CANCELLED, CHANGE, CHANGE_REQUEST, PLANNED, QUOTE, QUOTE_REQUEST, RESERVATION
from parking.booking.filters import ReservationFilter
from parking.booking.models import ParkingOffer, ParkingReservation, ReservationChange
from parking.booking.permissions import caller, listed_reservations, own_reservation, reachable_reservation
from parking.booking.serializers import (
    CancelledSerializer,
    CancelReservationSerializer,
    ChangeRequestSerializer,
    ChangeSerializer,
    PlannedChangeSerializer,
    PlateSerializer,
    QuoteRequestSerializer,
    QuoteSerializer,
    ReservationSerializer,
)
from parking.errors import ChargeNotPayable, LotNotOpen, LotNotReady, NoSpace, ReservationNotChangeable
from parking.stays import charging
from payments.errors import GatewayRefused, GatewayUnavailable, PaymentDisputed, PaymentInProgress
from payments.serializers import SUCCEEDED, PaymentSerializer
from trufan.lib import qr
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from trufan.lib.throttling import limited

HOLDER = "The reservation's holder: signed in, or a guest with the order's access code."


class QuoteViewSet(viewsets.GenericViewSet):
    """Prices that hold for a while."""

    queryset = ParkingOffer.objects.none()
    permission_classes = [AllowAny]
    serializer_class = QuoteSerializer
    lookup_value_converter = "uuid"

    @documented(
        "Ask for a price",
        permission="Anyone.",
        description="What a space costs for the window, in parts and in words. The price holds until `expires_at`; the "
        'space does not, until it stands in an order: `{"type": "parking", "id": …, "quantity": 1}`.',
        request=QuoteRequestSerializer,
        response=QuoteSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, LotNotOpen, LotNotReady, NoSpace, Invalid],
        request_example=QUOTE_REQUEST,
        response_example=QUOTE,
        idempotent=True,
        limited="parking_quote",
    )
    @limited("parking_quote")
    @idempotent
    def create(self, request: Request) -> Response:
        asked = QuoteRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        offer, left = quoting.quote(asked.wanted(), user=caller(request), now=timezone.now())
        shown = QuoteSerializer(offer, context={"available": left})
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @documented(
        "Show a quote",
        permission="Whoever has its id; of a signed-in person only they themselves.",
        response=QuoteSerializer,
        errors=[Missing],
        response_example={**QUOTE, "available": None},
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        offer = ParkingOffer.objects.select_related("capacity__lot__venue").filter(pk=pk).first()
        if offer is None or (offer.user_id is not None and offer.user_id != request.user.pk):
            raise Missing(gettext("There is no such quote."))
        return Response(QuoteSerializer(offer).data)


class ReservationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Spaces that are paid for."""

    queryset = ParkingReservation.objects.none()
    serializer_class = ReservationSerializer
    filterset_class = ReservationFilter
    search_fields = ["number", "plate", "holder_name", "capacity__lot__name"]
    ordering_fields = ["starts_at", "created_at"]
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.action == "list" else [AllowAny()]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return ParkingReservation.objects.none()
        return listed_reservations(self.request)

    def get_serializer_context(self) -> dict[str, Any]:
        own = self.request is not None and not self.request.query_params.get("venue")
        return {**super().get_serializer_context(), "is_own": own}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A picture is asked for as image/*, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action == "qr_svg")

    @documented(
        "List my reservations",
        permission="Anyone signed in sees their own; `venue` needs the right to run that venue's parking.",
        response=ReservationSerializer(many=True),
        errors=[Forbidden, Invalid],
        response_example=RESERVATION,
        parameters=[OpenApiParameter("venue", UUID, description="All reservations at this venue instead of mine.")],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented("Show a reservation", permission=HOLDER + " Staff who run the venue's parking, without its code.",
                response=ReservationSerializer, errors=[Missing], response_example=RESERVATION,
                parameters=[ACCESS_CODE])  # fmt: skip
    def retrieve(self, request: Request, pk: UUID) -> Response:
        found = reachable_reservation(request, pk)
        return Response(ReservationSerializer(found, context={"is_own": _is_own(request, found)}).data)

    @documented("Change the plate", permission=HOLDER, request=PlateSerializer, response=ReservationSerializer,
                description="Another car comes. Free, until it was driven in.",
                errors=[Missing, ReservationNotChangeable, Invalid], request_example={"plate": "XYZ 987"},
                response_example={**RESERVATION, "plate": "XYZ 987"}, parameters=[ACCESS_CODE],
                idempotent=True)  # fmt: skip
    @idempotent
    def partial_update(self, request: Request, pk: UUID) -> Response:
        asked = PlateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found, by = own_reservation(request, pk), caller(request)
        plate = asked.plate_for(by, found)
        return _shown(changing.set_plate(found, plate, by=by, now=timezone.now()))

    @documented("Show a reservation's QR code", permission=HOLDER, errors=[Missing, ReservationNotChangeable],
                parameters=[ACCESS_CODE], media_type="image/svg+xml")  # fmt: skip
    @action(detail=True, methods=["get"], url_path="qr.svg", filter_backends=[], pagination_class=None)
    def qr_svg(self, request: Request, pk: UUID) -> HttpResponse:
        found = own_reservation(request, pk)
        if found.status not in found.LIVE:
            raise ReservationNotChangeable(gettext("This reservation is over."))
        answer = HttpResponse(qr.picture(codes.code_for(found), "svg", "Parking"), content_type="image/svg+xml")
        answer["Cache-Control"] = "private, no-store"
        return answer

    @documented("Cancel a reservation", permission=HOLDER, request=CancelReservationSerializer,
                response=CancelledSerializer,
                description="For nothing until `free_until`, then for the lot's fee; not once it began.",
                errors=[Missing, ReservationNotChangeable, PaymentDisputed, PaymentInProgress],
                request_example={},
                response_example=CANCELLED, parameters=[ACCESS_CODE], idempotent=True)  # fmt: skip
    @action(detail=True, methods=["post"])
    @idempotent
    def cancel(self, request: Request, pk: UUID) -> Response:
        asked = CancelReservationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found, reason = own_reservation(request, pk), asked.validated_data["reason"]
        done = cancelling.cancel(found, by=caller(request), by_buyer=True, reason=reason, now=timezone.now())
        return Response(CancelledSerializer(done, context={"is_own": True}).data)


class ReservationChangeViewSet(viewsets.GenericViewSet):
    """Other windows and kinds for a reservation."""

    queryset = ReservationChange.objects.none()
    permission_classes = [AllowAny]
    serializer_class = ChangeSerializer

    @documented("Price a change", permission=HOLDER, request=ChangeRequestSerializer, response=PlannedChangeSerializer,
                description="What another window or kind would cost. Nothing is held.",
                errors=[Missing, ReservationNotChangeable, LotNotOpen, Invalid], request_example=CHANGE_REQUEST,
                response_example=PLANNED, parameters=[ACCESS_CODE])  # fmt: skip
    def preview(self, request: Request, reservation_id: UUID) -> Response:
        found, wanted = _asked(request, reservation_id)
        return Response(PlannedChangeSerializer(changing.plan(found, wanted, timezone.now())).data)

    @documented("Change or extend a reservation", permission=HOLDER, request=ChangeRequestSerializer,
                response=ChangeSerializer, status=status.HTTP_201_CREATED,
                description="What is dearer is held and waits to be paid (`…/pay`); what is not is applied at once, "
                "and the difference goes back, less the lot's fee after `free_until`. Once the car is inside, extend "
                "its stay instead.",
                errors=[Missing, ReservationNotChangeable, LotNotOpen, NoSpace, PaymentInProgress, PaymentDisputed,
                        Invalid],
                request_example=CHANGE_REQUEST, response_example=CHANGE, parameters=[ACCESS_CODE],
                idempotent=True)  # fmt: skip
    @idempotent
    def create(self, request: Request, reservation_id: UUID) -> Response:
        found, wanted = _asked(request, reservation_id)
        row = changing.change(found, wanted, by=caller(request), now=timezone.now())
        return Response(ChangeSerializer(row).data, status=status.HTTP_201_CREATED)

    @documented("Pay a change", permission=HOLDER, request=PaySerializer, response=PaymentSerializer,
                description="As paying an order. Once it is paid the reservation has its new window.",
                errors=[Missing, ChargeNotPayable, GatewayRefused, GatewayUnavailable],
                request_example={"payment_method": "pm_card_visa"}, response_example=SUCCEEDED,
                parameters=[ACCESS_CODE], idempotent=True)  # fmt: skip
    @idempotent(atomic=False)
    def pay(self, request: Request, reservation_id: UUID, pk: UUID) -> Response:
        asked = PaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = get_object_or_404(own_reservation(request, reservation_id).changes, pk=pk)
        charge = row.charges.order_by("-created_at").first()
        if charge is None:
            raise ChargeNotPayable(gettext("Nothing is to be paid for this change."))
        method = asked.validated_data["payment_method"]
        payment = charging.pay_charge(charge, payer=caller(request), payment_method=method, now=timezone.now())
        return Response(PaymentSerializer(payment).data)


def _asked(request: Request, reservation_id: UUID) -> tuple[ParkingReservation, changing.Wanted]:
    asked = ChangeRequestSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    found = own_reservation(request, reservation_id)
    return found, asked.wanted(found)


def _is_own(request: Request, row: ParkingReservation) -> bool:
    try:
        own_reservation(request, row.pk)
    except Missing:
        return False
    return True


def _shown(row: ParkingReservation) -> Response:
    return Response(ReservationSerializer(row, context={"is_own": True}).data)
