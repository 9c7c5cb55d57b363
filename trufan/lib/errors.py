"""Every refusal TruFan can answer is a value of this tree.

    DomainError                  an answer that is not success: `code`, `message`, `status`, `details`, `headers`
    ├── Malformed          400   the request cannot be read
    ├── NotAuthenticated   401   who are you?
    │   └── AuthenticationFailed the token is not, or no longer, good
    ├── Forbidden          403   you may not
    ├── Missing            404   no such thing, or not yours to know of
    ├── WrongMethod        405   the address exists, the method does not
    ├── NotAcceptable      406   no answer in the wanted format
    ├── Conflict           409   the state or the stock says no
    │   └── InvalidMove          the row's status does not allow this
    ├── TooLarge           413   more bytes than are accepted
    ├── WrongMediaType     415   the body is not of a type that is read here
    ├── Invalid            422   readable, but wrong; `details` name the fields
    ├── TooMany            429   slow down; `retry_after` in seconds
    ├── Broken             500   our fault; the log knows why, the answer does not
    └── Unavailable        503   not now; trying again may help

An app's own refusals subclass these in its `errors.py`; `exception_handler.py` puts them into the one envelope.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.utils.translation import gettext

from trufan.lib.words import lazy as _


@dataclass(frozen=True)
class Detail:
    """One problem at one place: `field` is a path such as `items[0].quantity`."""

    field: str
    code: str
    message: str

    def __post_init__(self) -> None:
        # In the words of who is answered now, like the refusal's own.
        object.__setattr__(self, "message", str(self.message))

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "message": self.message}


class DomainError(Exception):
    """A refusal with a stable `code`, a sentence for people, and the HTTP status that carries it."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: str = "The request could not be carried out."

    def __init__(self, message: str | None = None, *, details: Iterable[Detail] = (), **data: Any) -> None:
        # Put into words now: whoever keeps the sentence keeps a plain text.
        self.message = str(message or type(self).message)
        self.details = list(details)
        self.data = data
        super().__init__(self.message)

    @property
    def headers(self) -> dict[str, str]:
        return {}

    def at(self, field: str) -> Detail:
        """This refusal as one problem of a larger request."""
        return Detail(field, self.code, self.message)

    def under(self, path: str) -> list[Detail]:
        """This refusal as problems of a larger request: each of its details below `path`, or itself at it."""
        return [replace(each, field=f"{path}.{each.field}") for each in self.details] or [self.at(path)]


def codes() -> dict[str, type[DomainError]]:
    """Every code the loaded apps can answer with, by name, and the first kind of refusal that carries it."""
    tree: list[type[DomainError]] = [DomainError]
    for kind in tree:
        tree.extend(kind.__subclasses__())
    found: dict[str, type[DomainError]] = {}
    for kind in tree:
        if kind.code != DomainError.code:
            found.setdefault(kind.code, kind)
    return dict(sorted(found.items()))


class Malformed(DomainError):
    code, status, message = "malformed_request", 400, _("The request could not be read.")


class NotAuthenticated(DomainError):
    code, status, message = "not_authenticated", 401, _("Sign in first.")

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="api"'}


class AuthenticationFailed(NotAuthenticated):
    """A token was given, and it is not (or no longer) good."""

    code, message = "authentication_failed", _("This sign-in is not valid or has ended. Sign in again.")


class Forbidden(DomainError):
    code, status, message = "permission_denied", 403, _("You may not do this.")


class Missing(DomainError):
    code, status, message = "not_found", 404, _("There is nothing here by that name.")


class WrongMethod(DomainError):
    code, status, message = "method_not_allowed", 405, _("This method is not allowed here.")


class NotAcceptable(DomainError):
    code, status, message = "not_acceptable", 406, _("There is no answer in the format asked for.")


class Conflict(DomainError):
    code, status, message = "conflict", 409, _("The present state does not allow this.")


class InvalidMove(Conflict):
    """A status that may not become the wanted one, or that another request changed first."""

    code = "invalid_state"

    def __init__(self, row: Any, to: str) -> None:
        kind = row._meta.verbose_name
        super().__init__(
            gettext("This {kind} is {status} and cannot become {to}.").format(kind=kind, status=row.status, to=to),
            status_now=row.status,
            wanted=to,
        )


class TooLarge(DomainError):
    code, status, message = "request_too_large", 413, _("The request is larger than is accepted here.")


class WrongMediaType(DomainError):
    code, status, message = "unsupported_media_type", 415, _("Send the body as application/json.")


class Invalid(DomainError):
    code, status, message = "validation_error", 422, _("Some of what was sent is not valid.")

    @classmethod
    def field(cls, field: str, message: str, code: str = "invalid") -> Invalid:
        """A refusal of one field."""
        return cls(message, details=[Detail(field, code, message)])


class _Later(DomainError):
    """A refusal that says when to come back, in seconds."""

    def __init__(self, message: str | None = None, *, retry_after: int = 1, **data: Any) -> None:
        super().__init__(message, **data)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class TooMany(_Later):
    code, status, message = "rate_limited", 429, _("Too many requests. Try again a little later.")


class Broken(DomainError):
    code, status, message = "server_error", 500, _("Something went wrong on our side.")


class Unavailable(_Later):
    code, status, message = "unavailable", 503, _("This is not available at the moment.")
