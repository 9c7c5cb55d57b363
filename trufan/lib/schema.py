"""What the OpenAPI document says beyond what drf-spectacular finds out by itself.

`documented` gives one endpoint its words, examples and refusals. `TrufanSchema` adds what is true of every endpoint:
the error envelope, the refusals that any request can meet, and the headers that every answer carries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.serializers import ChoiceField, ListSerializer, ModelSerializer, TimeField

from trufan.lib import errors as refusals
from trufan.lib.errors import DomainError
from trufan.lib.idempotency import AnswerLost, KeyReused, StillRunning
from trufan.lib.paths import is_counted
from trufan.lib.schema_components import ERROR_SCHEMA, HEADERS, KEY_PARAMETER, error_response

#: `18:30`, and the same with what DRF adds to it where it is given no format.
MINUTE = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
SECOND = "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?$"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Documentation:
    """What `documented` knows of an endpoint and `TrufanSchema` turns into answers."""

    permission: str = ""
    errors: tuple[type[DomainError], ...] = ()
    idempotent: bool = False
    limited: str = ""
    is_page: bool = False


def documented(
    summary: str,
    *,
    permission: str,
    description: str = "",
    request: Any = None,
    response: Any = None,
    status: int = 200,
    errors: Iterable[type[DomainError]] = (),
    request_example: dict | None = None,
    response_example: dict | list | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    idempotent: bool = False,
    limited: str = "",
    operation_id: str | None = None,
    tags: list[str] | None = None,
    media_type: str = "application/json",
    is_page: bool = False,
    also: int | None = None,
) -> Callable[[View], View]:
    """Document a view method; stands above `@action` and `@idempotent`.

    `permission` says in words who may call it. `errors` are the refusals of its own; those that every request can
    meet (400, 401, 429, and 413, 415, 422 where there is a body) come by themselves. `response` None means an answer
    without a body, or with the bytes of `media_type` where that is not JSON. `response_example` of a list endpoint is
    one element (of several, the first is shown). `limited` names the stricter limit of
    `settings.SENSITIVE_LIMITS` that applies. `also`: another success with the same body (200 beside 201).
    `is_page`: people look at it, and at a page where there is nothing, too.
    """
    note = Documentation(permission, tuple(errors), idempotent, limited, is_page)
    if isinstance(response, ListSerializer) and isinstance(response_example, list):
        response_example = response_example[0]

    statuses = [status] if also is None else [status, also]

    def decorate(method: View) -> View:
        extended = extend_schema(
            operation_id=operation_id,
            summary=summary,
            description=_words(description, note),
            tags=tags,
            parameters=[*parameters],
            request=request,
            responses={_status_key(each, media_type): _success(response, media_type) for each in statuses},
            examples=_examples(statuses, request_example, response_example, media_type),
            extensions={"x-permission": permission},
        )(method)
        extended.documentation = note  # type: ignore[attr-defined]
        return extended

    return decorate


def _status_key(status: int, media_type: str) -> Any:
    return (status, media_type) if media_type != "application/json" else status


def _success(response: Any, media_type: str) -> OpenApiResponse:
    if response is None and media_type != "application/json":
        text = media_type.startswith("text/") or media_type.endswith("+xml")
        response = OpenApiTypes.STR if text else OpenApiTypes.BINARY
    return OpenApiResponse(response, description="Done." if response is None else "")


def _examples(statuses: list[int], asked: Any, answered: Any, media_type: str) -> list[OpenApiExample]:
    examples = []
    if asked is not None:
        examples.append(OpenApiExample("Request", value=asked, request_only=True))
    if answered is not None:
        examples.append(
            OpenApiExample(
                "Answer",
                value=answered,
                response_only=True,
                status_codes=[str(each) for each in statuses],
                media_type=media_type,
            )
        )
    return examples


def _words(description: str, note: Documentation) -> str:
    paragraphs = [description, f"**Permission:** {note.permission}"]
    if note.limited:
        limit = settings.SENSITIVE_LIMITS[note.limited]
        paragraphs.append(f"**Limit:** {limit} a minute for one address.")
    return "\n\n".join(str(paragraph) for paragraph in paragraphs if paragraph)


def _name_in_code(operation: dict[str, Any]) -> str:
    """The operation's id as a name in code: no dots, and no `create` where nothing is made (`orders_pay`)."""
    name = re.sub(r"[\W_]+", "_", operation["operationId"])
    return name if "201" in operation["responses"] else name.removesuffix("_create")


class TrufanSchema(AutoSchema):
    """Adds the refusals, headers and parameters that `documented` and the view's own nature imply."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["operationId"] = _name_in_code(operation)
        self._register("Error", ResolvedComponent.SCHEMA, ERROR_SCHEMA)
        note = self.documentation()
        for status, kinds in sorted(self._refusals(note, operation).items()):
            operation["responses"].setdefault(str(status), error_response(kinds))
        if note.is_page:
            operation["responses"]["404"]["content"]["text/html"] = {"schema": {"type": "string"}}
        if note.idempotent:
            operation.setdefault("parameters", []).append(KEY_PARAMETER)
        for status, response in operation["responses"].items():
            response["headers"] = {**response.get("headers", {}), **self._headers(int(status), note)}
        return operation

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        """What is called a request already is not called one twice."""
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        return str(name).replace("RequestRequest", "Request")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """As the library has it; what only staff are shown is in no answer for certain."""
        schema = super()._map_basic_serializer(serializer, direction)
        staff_only: frozenset[str] = getattr(serializer, "staff_fields", frozenset())
        if staff_only & set(schema.get("required", ())):
            schema["required"] = [name for name in schema["required"] if name not in staff_only]
        return schema

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """As the library has it, but for times of day without a zone, and empty choices that are only read."""
        if isinstance(field, ChoiceField) and field.read_only and isinstance(field.parent, ModelSerializer):
            model: Any = field.parent.Meta.model
            column = {each.name: each for each in model._meta.concrete_fields}.get(field.source)
            field.allow_blank = field.allow_blank or getattr(column, "blank", False)
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if isinstance(field, TimeField):
            # OpenAPI's `time` has seconds and an offset.
            schema.pop("format", None)
            schema["pattern"] = MINUTE if getattr(field, "format", "") == "%H:%M" else SECOND
        return schema

    def documentation(self) -> Documentation:
        """What `documented` said of the method that answers this operation."""
        name = getattr(self.view, "action", None) or self.method.lower()
        return getattr(getattr(self.view, name, None), "documentation", Documentation())

    def _refusals(self, note: Documentation, operation: dict[str, Any]) -> dict[int, list[type[DomainError]]]:
        """Every refusal the operation may answer with, by status, each code once."""
        kinds: list[type[DomainError]] = [*note.errors, refusals.Malformed]
        if is_counted(self.path) or note.limited:
            kinds.append(refusals.TooMany)
        for each in self.view.get_authenticators():
            kinds += [refusals.AuthenticationFailed, *getattr(each, "refusals", ())]
        permissions = {type(permission) for permission in self.view.get_permissions()}
        if permissions - {AllowAny}:
            kinds.append(refusals.NotAuthenticated)
        if permissions - {AllowAny, IsAuthenticated}:
            kinds.append(refusals.Forbidden)
        if "{" in self.path:
            kinds.append(refusals.Missing)
        if "requestBody" in operation:
            kinds += [refusals.TooLarge, refusals.WrongMediaType]
        if "requestBody" in operation or any(one["in"] == "query" for one in operation.get("parameters", [])):
            kinds.append(refusals.Invalid)
        if note.idempotent:
            kinds += [KeyReused, StillRunning, AnswerLost]
        by_status: dict[int, dict[str, type[DomainError]]] = {}
        for kind in kinds:
            by_status.setdefault(kind.status, {}).setdefault(kind.code, kind)
        return {status: list(by_code.values()) for status, by_code in by_status.items()}

    def _headers(self, status: int, note: Documentation) -> dict[str, Any]:
        names = ["X-Correlation-ID"]
        if is_counted(self.path):
            names += ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
        if status in {429, 503} or (status == 409 and note.idempotent):
            names.append("Retry-After")
        if status == 401:
            names.append("WWW-Authenticate")
        if note.idempotent and status not in {409, 429}:
            names.append("Idempotent-Replayed")
        return {name: self._register(name, ResolvedComponent.HEADER, HEADERS[name]) for name in names}

    def _register(self, name: str, kind: str, schema: dict[str, Any]) -> dict[str, str]:
        component = ResolvedComponent(name=name, type=kind, schema=schema, object=name)
        self.registry.register_on_missing(component)
        return component.ref


class BearerScheme(OpenApiAuthenticationExtension):
    """Every authentication of the API is a bearer token."""

    target_class = "rest_framework.authentication.BaseAuthentication"
    match_subclasses = True
    priority = 1
    name = "bearerAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
