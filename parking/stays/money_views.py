"""The API face of a stay's money: parse, call, serialize."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.grants import Permission
from orders.errors import NotRefundable
from parking.errors import NoSpace, OverstayUnpaid, SessionOver, ValidationRefused
from parking.stays import billing, charging, extending, papers, pricing_override, validating
from parking.stays.billing import Bill
from parking.stays.models import ParkingCharge, ParkingSession
from parking.stays.money_examples import CHARGE, DUE, EXTENDED, PAID
from parking.stays.money_serializers import (
    ChargeSerializer,
    DueSerializer,
    ExtendSerializer,
    LostTicketSerializer,
    PaidStay,
    PaidStaySerializer,
    PayStaySerializer,
    RefundChargeSerializer,
    SetPriceSerializer,
    UntilSerializer,
    ValidateSerializer,
)
from parking.stays.permissions import ACCESS_CODE, own_session, reachable_session, run_session
from payments.errors import GatewayRefused, GatewayUnavailable, PaymentInProgress, RefundExceedsPayment
from payments.models import Payment
from trufan.lib.errors import DomainError, Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.schema import documented
from trufan.lib.throttling import guarded
from venues.permissions import holds, require

DRIVER = "Whose stay it is: signed in, or with the stay's access code."
STAFF = "Staff with `run_parking` there."
EITHER = f"{DRIVER} {STAFF}"
UNTIL = OpenApiParameter("until", datetime, description="What staying until then would cost on top.")
_PAYING = [Missing, SessionOver, Invalid, PaymentInProgress, GatewayRefused, GatewayUnavailable]


class StayMoneyViewSet(viewsets.GenericViewSet):
    """What one stay costs, and paying for it."""

    queryset = ParkingSession.objects.none()
    permission_classes = [AllowAny]
    serializer_class = DueSerializer

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated()] if self.action in ("set_price", "lose_ticket") else [AllowAny()]

    @documented(
        "Show what a stay owes",
        permission=EITHER,
        description="What leaving now costs, or with `until`, what staying until then costs on top.",
        response=DueSerializer,
        errors=[Missing, SessionOver],
        response_example=DUE,
        parameters=[ACCESS_CODE, UNTIL],
    )
    def due(self, request: Request, pk: UUID) -> Response:
        asked = UntilSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        stay, now, until = reachable_session(request, pk), timezone.now(), asked.validated_data.get("until")
        bill = billing.to_pay(stay, now) if until is None else extending.quote(stay, until, now)
        return self._shown(stay, bill)

    @documented(
        "Pay a stay",
        permission=DRIVER,
        description="Charges what leaving now costs, or the extension that waits to be paid. From then on the driver "
        "has until `leave_by` to leave. `nothing_due`: the car may leave. Asked again it is the same charge; where it "
        "costs more by then, another takes its place. `promo_code` validates the stay first.",
        request=PayStaySerializer,
        response=PaidStaySerializer,
        errors=[*_PAYING, NoSpace, ValidationRefused],
        request_example={"payment_method": "pm_card_visa"},
        response_example=PAID,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent(atomic=False)
    def pay(self, request: Request, pk: UUID) -> Response:
        asked = self._asked(PayStaySerializer)
        stay = own_session(request, pk)
        if code := asked["promo_code"]:
            self._validate(request, stay, code)
        method = asked["payment_method"]
        payment = charging.pay(stay, payer=_caller(request), payment_method=method, now=timezone.now())
        return self._paid(stay, payment)

    @documented(
        "Stay longer",
        permission=DRIVER,
        description="Another end for a prepaid stay or one with a reservation, at the tariff and multiplier of its "
        "entry; a stay without an end is prepaid until then. The space is held while it is paid; `expires_at` moves "
        "once it is. `nothing_due`: it costs nothing more, and moved at once.",
        request=ExtendSerializer,
        response=PaidStaySerializer,
        errors=[*_PAYING, NoSpace, OverstayUnpaid],
        request_example={"until": "2026-11-20T22:00:00Z", "payment_method": "pm_card_visa"},
        response_example=EXTENDED,
        parameters=[ACCESS_CODE],
        idempotent=True,
    )
    @idempotent(atomic=False)
    def extend(self, request: Request, pk: UUID) -> Response:
        asked = self._asked(ExtendSerializer)
        stay = own_session(request, pk)
        payment = extending.extend(
            stay,
            asked["until"],
            payer=_caller(request),
            payment_method=asked["payment_method"],
            now=timezone.now(),
        )
        return self._paid(stay, payment)

    @documented(
        "Validate a stay",
        permission=EITHER,
        description="An outlet's promo code pays a part of what is charged from now on. Every code that pays nothing "
        "here gets the same answer. Answers what is due with it.",
        request=ValidateSerializer,
        response=DueSerializer,
        errors=[Missing, Forbidden, SessionOver, ValidationRefused, PaymentInProgress],
        request_example={"promo_code": "DINNER-7K3M9Q2XHD"},
        response_example={**DUE, "amount": 327, "discount": 300, "promo_code": "DINNER-7K3M9Q2XHD", "tax": 27},
        parameters=[ACCESS_CODE],
        idempotent=True,
        limited="promo_code",
    )
    @idempotent
    def validate(self, request: Request, pk: UUID) -> Response:
        asked = self._asked(ValidateSerializer)
        stay = _run_or_own(request, pk)
        return self._shown(self._validate(request, stay, asked["promo_code"]))

    @documented(
        "Set a stay's price",
        permission=STAFF,
        description="The stay costs `price` in all, whatever the tariff says; with null it is the tariff's again. What "
        "was paid beyond it is refunded by its charge.",
        request=SetPriceSerializer,
        response=DueSerializer,
        errors=[Missing, Forbidden, SessionOver, PaymentInProgress],
        request_example={"price": 500, "reason": "Barrier was broken for an hour"},
        response_example=DUE,
        idempotent=True,
    )
    @idempotent
    def set_price(self, request: Request, pk: UUID) -> Response:
        asked = self._asked(SetPriceSerializer)
        stay = run_session(request.user, pk)
        return self._shown(pricing_override.set_price(stay, **asked, by=request.user, now=timezone.now()))

    @documented(
        "Charge for a lost ticket",
        permission=STAFF,
        description="The stay costs at least the lot's price for a lost ticket, or `price` in all. A lot without such "
        "a price needs one.",
        request=LostTicketSerializer,
        response=DueSerializer,
        errors=[Missing, Forbidden, SessionOver, PaymentInProgress],
        request_example={},
        response_example={**DUE, "kind": "lost_ticket"},
        idempotent=True,
    )
    @idempotent
    def lose_ticket(self, request: Request, pk: UUID) -> Response:
        asked = self._asked(LostTicketSerializer)
        stay = run_session(request.user, pk)
        return self._shown(pricing_override.lose_ticket(stay, **asked, by=request.user, now=timezone.now()))

    def _asked(self, kind: type) -> dict[str, Any]:
        asked = kind(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def _validate(self, request: Request, stay: ParkingSession, code: str) -> ParkingSession:
        with guarded("promo_code", request, _is_a_guess):
            return validating.validate(stay, code, by=_caller(request), now=timezone.now())

    def _shown(self, stay: ParkingSession, bill: Bill | None = None) -> Response:
        bill = bill or billing.to_pay(stay, timezone.now())
        return Response(DueSerializer(bill, context={"session": stay}).data)

    def _paid(self, stay: ParkingSession, payment: Payment | None) -> Response:
        stay.refresh_from_db(fields=["expires_at", "leave_by"])
        return Response(PaidStaySerializer(PaidStay(stay, payment)).data)


class StayChargesViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The charges of one stay."""

    queryset = ParkingCharge.objects.none()
    permission_classes = [AllowAny]
    serializer_class = ChargeSerializer

    def get_queryset(self) -> QuerySet[ParkingCharge]:
        if getattr(self, "swagger_fake_view", False):
            return ParkingCharge.objects.none()
        return ParkingCharge.objects.filter(session=reachable_session(self.request, self.kwargs["pk"]).pk)

    @documented(
        "List a stay's charges",
        permission=EITHER,
        response=ChargeSerializer(many=True),
        errors=[Missing],
        response_example=CHARGE,
        parameters=[ACCESS_CODE],
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)


class ChargeRefundViewSet(viewsets.GenericViewSet):
    """Giving the money of a charge back."""

    queryset = ParkingCharge.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = ChargeSerializer

    @documented(
        "Refund a parking charge",
        permission="Staff with `refund_orders` there.",
        description="An amount, or all that is left. What it paid for stays paid for; the money goes out once this is "
        "answered.",
        request=RefundChargeSerializer,
        response=ChargeSerializer,
        status=status.HTTP_201_CREATED,
        errors=[Missing, Forbidden, NotRefundable, RefundExceedsPayment],
        request_example={"amount": 300, "reason": "The lift was out of order"},
        response_example=CHARGE,
        idempotent=True,
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        asked = RefundChargeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        charge = _charge_of_staff(request, pk)
        charging.refund(charge, **asked.validated_data, by=request.user, now=timezone.now())
        charge.refresh_from_db()
        return Response(ChargeSerializer(charge).data, status=status.HTTP_201_CREATED)


def _charge_of_staff(request: Request, pk: UUID) -> ParkingCharge:
    """The charge, for staff who refund there; for anyone else who may see it, `Forbidden`, for the rest `Missing`."""
    charge = papers.find(pk)
    if charge is None or not holds(request.user, Permission.REFUND_ORDERS, charge.venue_id):
        charge = papers.reachable_charge(request, pk)
        require(request.user, Permission.REFUND_ORDERS, charge.venue_id)
    return charge


def _run_or_own(request: Request, pk: UUID) -> ParkingSession:
    """The stay, for whose it is and for staff who run the lot; who may only see it is `Forbidden`."""
    stay = reachable_session(request, pk)
    if holds(request.user, Permission.RUN_PARKING, stay.venue_id):
        return stay
    return own_session(request, pk)


def _caller(request: Request) -> Any:
    return request.user if request.user.is_authenticated else None


def _is_a_guess(refusal: DomainError) -> bool:
    return isinstance(refusal, ValidationRefused)
