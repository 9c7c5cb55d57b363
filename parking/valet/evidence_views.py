"""The API face of pictures of cars, and of what happened to them; for staff alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import mixins, status, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from parking.valet import evidence
from parking.valet.answers import LOT, STAFF, asked
from parking.valet.examples import INCIDENT, LISTED_INCIDENT, PHOTO
from parking.valet.filters import IncidentFilter
from parking.valet.models import ValetIncident, ValetPhoto
from parking.valet.permissions import lot_asked, run_ticket
from parking.valet.serializers import (
    ListedIncidentSerializer,
    ValetIncidentSerializer,
    ValetPhotoSerializer,
    ValetPictureSerializer,
)
from trufan.lib.errors import Forbidden, Invalid, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.parsers import StrictJSONParser
from trufan.lib.schema import documented

CREATED = status.HTTP_201_CREATED


class ValetPhotoViewSet(viewsets.GenericViewSet):
    """Pictures of a car as it came, and of incidents."""

    queryset = ValetPhoto.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = ValetPhotoSerializer
    parser_classes = [MultiPartParser, StrictJSONParser]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A picture is asked for as image/*, which no renderer of data speaks."""
        return super().perform_content_negotiation(request, force or self.action == "retrieve")

    @documented("Add a picture of a car", permission=STAFF, request={"multipart/form-data": ValetPictureSerializer},
                response=ValetPhotoSerializer, status=CREATED, errors=[Missing, Forbidden, Invalid],
                description="Of what was there before, or of an incident.", response_example=PHOTO)  # fmt: skip
    def create(self, request: Request, ticket_id: UUID) -> Response:
        ticket, given = run_ticket(request.user, ticket_id), asked(ValetPictureSerializer, request).validated_data
        incident = get_object_or_404(ticket.incidents, pk=given["incident"]) if given["incident"] else None
        photo = evidence.add_photo(ticket, given["picture"], words=given["words"], incident=incident, by=request.user)
        return Response(ValetPhotoSerializer(photo).data, status=CREATED)

    @documented("Show a picture of a car", permission=STAFF, errors=[Missing, Forbidden],
                media_type="image/jpeg")  # fmt: skip
    def retrieve(self, request: Request, ticket_id: UUID, pk: UUID) -> FileResponse:
        photo = get_object_or_404(run_ticket(request.user, ticket_id).photos, pk=pk)
        answer = FileResponse(photo.picture.open("rb"))
        answer["Cache-Control"] = "private, max-age=3600"
        return answer


class ValetIncidentViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """What happened to cars in our hands."""

    queryset = ValetIncident.objects.none()
    permission_classes = [IsAuthenticated]
    serializer_class = ListedIncidentSerializer
    filterset_class = IncidentFilter
    search_fields = ["words", "ticket__vehicle", "ticket__session__plate"]
    ordering_fields = ["happened_at", "created_at"]

    def get_queryset(self) -> QuerySet[ValetIncident]:
        if getattr(self, "swagger_fake_view", False):
            return ValetIncident.objects.none()
        rows = ValetIncident.objects.filter(ticket__lot=lot_asked(self.request))
        return rows.select_related("ticket__session", "reported_by").prefetch_related("photos")

    @documented("List the valet's incidents", permission=STAFF, response=ListedIncidentSerializer(many=True),
                description="Of one lot, the latest first.", errors=[Missing, Forbidden, Invalid],
                response_example=LISTED_INCIDENT, parameters=[LOT])  # fmt: skip
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented("Report an incident", permission=STAFF, request=ValetIncidentSerializer,
                response=ValetIncidentSerializer, status=CREATED, errors=[Missing, Forbidden, Invalid],
                description="Those who manage the venue's parking are told. Pictures of it are added with its id.",
                request_example={"words": INCIDENT["words"]}, response_example=INCIDENT, idempotent=True)  # fmt: skip
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        ticket, given = run_ticket(request.user, pk), asked(ValetIncidentSerializer, request).validated_data
        said = {"words": given["words"], "happened_at": given.get("happened_at")}
        incident = evidence.report(ticket, **said, by=request.user, now=timezone.now())
        return Response(ValetIncidentSerializer(incident).data, status=CREATED)
