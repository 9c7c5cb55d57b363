"""The product's addresses and, for the benchmark alone, a view that does nothing: the floor of this stack."""

from __future__ import annotations

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trufan.urls import *  # noqa: F403  the handlers too
from trufan.urls import urlpatterns as product


class EmptyView(APIView):
    """Signed in, through every middleware, and nothing to do."""

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("api/v1/floor", EmptyView.as_view()), *product]
