"""The OpenAPI document and its two readers, all from this server: nothing is loaded from elsewhere."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView


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
