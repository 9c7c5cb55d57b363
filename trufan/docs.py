"""The OpenAPI document and its two readers, and the AsyncAPI document, all from this server: nothing is loaded from
elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from trufan.lib.live.asyncapi import document


class OnceGenerator(SchemaGenerator):
    """The document is the same for everyone and takes seconds to make: once a process is enough."""

    made: ClassVar[dict[str, Any] | None] = None

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        if OnceGenerator.made is None:
            OnceGenerator.made = super().get_schema(request=None, public=True)
        return OnceGenerator.made


schema = SpectacularAPIView.as_view(
    generator_class=OnceGenerator,
    renderer_classes=[OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer],
)
swagger = SpectacularSwaggerSplitView.as_view(url_name="schema")
redoc = SpectacularRedocView.as_view(url_name="schema", template_name="docs/redoc.html")


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponse:
    """What is said on the socket of live updates (docs/live.md)."""
    return HttpResponse(OpenApiYamlRenderer().render(document()), content_type="application/yaml")
