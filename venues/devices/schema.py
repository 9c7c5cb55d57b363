"""What the OpenAPI document says about devices' keys."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from venues.devices import opening


class DeviceKeyScheme(OpenApiAuthenticationExtension):
    """Named at the endpoints that a key opens, and only there."""

    target_class = "venues.devices.authentication.DeviceKeyAuthentication"
    priority = 2
    name = "deviceKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "A device's key: `Api-Key <prefix>.<secret>`. See docs/security.md.",
        }

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]] | None:  # type: ignore[override]
        scope = opening.scope_of(auto_schema.view, auto_schema.method)
        return {self.name: []} if scope else None
