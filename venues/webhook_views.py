"""The API face of a venue's webhooks: its endpoints, what was sent to them, and sending it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import mixins, status, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.grants import Permission
from notifications.models import WebhookEndpoint, WebhookMessage
from notifications.webhooks import addresses, endpoints, replaying
from notifications.webhooks.errors import EndpointOff, MessageBeingSent, TooManyEndpoints
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.idempotency import idempotent
from trufan.lib.keyset import LongListPagination
from trufan.lib.listing import FilterSet
from trufan.lib.schema import documented
from venues import webhook_examples as examples
from venues.models import Venue
from venues.permissions import venue_for
from venues.webhook_serializers import (
    WebhookEndpointRequestSerializer,
    WebhookEndpointSerializer,
    WebhookEndpointWithSecretSerializer,
    WebhookEventTypeSerializer,
    WebhookMessageDetailSerializer,
    WebhookMessageSerializer,
    WebhookReplayedSerializer,
    WebhookReplaySerializer,
    types_shown,
)

STAFF = "Staff with `manage_venue` there."
NOT_THEIRS = [Missing, Forbidden]


class WebhookMessageFilter(FilterSet):
    status = django_filters.ChoiceFilter(choices=WebhookMessage.Status.choices)
    type = django_filters.CharFilter(max_length=60)

    class Meta:
        model = WebhookMessage
        fields: list[str] = []


class _OfVenue(viewsets.GenericViewSet):
    """Rows of the venue in the path, for who manages it."""

    permission_classes = [IsAuthenticated]

    @cached_property
    def venue(self) -> Venue:
        return venue_for(self.request.user, self.kwargs["venue_id"], Permission.MANAGE_VENUE)

    def endpoint(self, pk: UUID) -> WebhookEndpoint:
        """One of the venue's endpoints. Raises `Http404` for any other."""
        found = WebhookEndpoint.objects.kept().filter(venue_id=self.venue.pk, pk=pk).first()
        if found is None:
            raise Http404
        return found


class WebhookEndpointViewSet(mixins.ListModelMixin, _OfVenue):
    """Where a venue's own systems are told what happens."""

    queryset = WebhookEndpoint.objects.kept()
    serializer_class = WebhookEndpointSerializer
    search_fields = ["url", "description"]
    ordering_fields = ["created_at", "url"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return super().get_queryset().filter(venue_id=self.venue.pk)

    @documented(
        "List a venue's webhook endpoints",
        permission=STAFF,
        response=WebhookEndpointSerializer(many=True),
        errors=NOT_THEIRS,
        response_example=examples.ENDPOINT,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Add a webhook endpoint",
        permission=STAFF,
        description="What happens at the venue from now on is posted to the address, signed with the `secret` of the "
        "answer, which is shown this once. The address is looked up: nothing is ever sent to one that is not public.",
        request=WebhookEndpointRequestSerializer,
        response=WebhookEndpointWithSecretSerializer,
        status=status.HTTP_201_CREATED,
        errors=[*NOT_THEIRS, TooManyEndpoints],
        request_example=examples.REQUEST,
        response_example=examples.ENDPOINT_WITH_SECRET,
        idempotent=True,
    )
    @idempotent(atomic=False)
    def create(self, request: Request, venue_id: UUID) -> Response:
        venue = self.venue
        asked = WebhookEndpointRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        addresses.check(asked.validated_data["url"].strip())
        made, secret = endpoints.add(venue.pk, by=request.user, **asked.validated_data)
        return Response(_with_secret(made, secret), status=status.HTTP_201_CREATED)

    @documented(
        "Show a webhook endpoint",
        permission=STAFF,
        response=WebhookEndpointSerializer,
        errors=NOT_THEIRS,
        response_example=examples.ENDPOINT,
    )
    def retrieve(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        return Response(WebhookEndpointSerializer(self.endpoint(pk)).data)

    @documented(
        "Change a webhook endpoint",
        permission=STAFF,
        description="Switched off, it is told nothing more, and what waits for it has failed.",
        request=WebhookEndpointRequestSerializer(partial=True),
        response=WebhookEndpointSerializer,
        errors=NOT_THEIRS,
        request_example={"event_types": [], "is_active": True},
        response_example={**examples.ENDPOINT, "event_types": []},
    )
    def partial_update(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        endpoint = self.endpoint(pk)
        asked = WebhookEndpointRequestSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        if "url" in asked.validated_data:
            addresses.check(asked.validated_data["url"].strip())
        changed = endpoints.change(endpoint, by=request.user, now=timezone.now(), **asked.validated_data)
        return Response(WebhookEndpointSerializer(changed).data)

    @documented(
        "Remove a webhook endpoint",
        permission=STAFF,
        description="What waits for it is not sent any more.",
        status=status.HTTP_204_NO_CONTENT,
        errors=NOT_THEIRS,
    )
    def destroy(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        endpoints.remove(self.endpoint(pk), by=request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @documented(
        "Rotate a webhook endpoint's secret",
        permission=STAFF,
        description="The new `secret` is shown this once. For 24 hours messages are signed with both.",
        response=WebhookEndpointWithSecretSerializer,
        errors=NOT_THEIRS,
        response_example=examples.ROTATED,
        idempotent=True,
    )
    @idempotent
    def rotate_secret(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        changed, secret = endpoints.rotate(self.endpoint(pk), by=request.user, now=timezone.now())
        return Response(_with_secret(changed, secret))

    @documented(
        "Try a webhook endpoint",
        permission=STAFF,
        description="Sends a message of the type `ping` now, whatever types it asked for.",
        response=WebhookMessageSerializer,
        status=status.HTTP_201_CREATED,
        errors=[*NOT_THEIRS, EndpointOff],
        response_example={**examples.MESSAGE_AFRESH, "type": "ping"},
        idempotent=True,
    )
    @idempotent
    def ping(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        message = replaying.ping(self.endpoint(pk), by=request.user, now=timezone.now())
        return Response(WebhookMessageSerializer(message).data, status=status.HTTP_201_CREATED)

    @documented(
        "Send again what failed",
        permission=STAFF,
        description="All messages to the endpoint that failed for good and happened since then, each under the id "
        "that it had. They are sent by and by.",
        request=WebhookReplaySerializer,
        response=WebhookReplayedSerializer,
        errors=[*NOT_THEIRS, EndpointOff],
        request_example={"since": "2026-11-20T12:00:00Z"},
        response_example={"messages": 42},
        idempotent=True,
    )
    @idempotent
    def replay(self, request: Request, venue_id: UUID, pk: UUID) -> Response:
        asked = WebhookReplaySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        count = replaying.replay_failed(
            self.endpoint(pk), since=asked.validated_data["since"], by=request.user, now=timezone.now()
        )
        return Response({"messages": count})


class WebhookMessageViewSet(mixins.ListModelMixin, _OfVenue):
    """What was sent to one endpoint."""

    queryset = WebhookMessage.objects.all()
    serializer_class = WebhookMessageSerializer
    pagination_class = LongListPagination
    filterset_class = WebhookMessageFilter
    ordering_fields = ["created_at"]

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return super().get_queryset().filter(endpoint=self.endpoint(self.kwargs["endpoint_id"]))

    @documented(
        "List what was sent to a webhook endpoint",
        permission=STAFF,
        description="Newest first. Messages are kept for 30 days.",
        response=WebhookMessageSerializer(many=True),
        errors=NOT_THEIRS,
        response_example=examples.MESSAGE,
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @documented(
        "Show a webhook message",
        permission=STAFF,
        description="With its body and all attempts.",
        response=WebhookMessageDetailSerializer,
        errors=NOT_THEIRS,
        response_example=examples.MESSAGE_DETAIL,
    )
    def retrieve(self, request: Request, venue_id: UUID, endpoint_id: UUID, pk: UUID) -> Response:
        return Response(WebhookMessageDetailSerializer(self.get_object()).data)

    @documented(
        "Send a webhook message again",
        permission=STAFF,
        description="Now, under the same id, whether it was delivered, failed or waits.",
        response=WebhookMessageSerializer,
        errors=[*NOT_THEIRS, EndpointOff, MessageBeingSent],
        response_example=examples.MESSAGE_AFRESH,
        idempotent=True,
    )
    @idempotent
    def replay(self, request: Request, venue_id: UUID, endpoint_id: UUID, pk: UUID) -> Response:
        message = replaying.replay(self.get_object(), by=request.user, now=timezone.now())
        return Response(WebhookMessageSerializer(message).data)


class WebhookEventTypesView(APIView):
    """What can be told."""

    permission_classes = [IsAuthenticated]

    @documented(
        "List the types of webhook messages",
        permission="Anyone signed in.",
        description="By name, with an example of each. All of them, not a page.",
        response=WebhookEventTypeSerializer(many=True),
        response_example=examples.EVENT_TYPE,
        operation_id="webhook_event_types_list",
    )
    def get(self, request: Request) -> Response:
        return Response(types_shown())


def _with_secret(endpoint: WebhookEndpoint, secret: str) -> dict[str, Any]:
    return {**WebhookEndpointSerializer(endpoint).data, "secret": secret}
