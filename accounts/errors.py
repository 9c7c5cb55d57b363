"""What accounts may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import AuthenticationFailed, Conflict, Detail, Forbidden, Invalid, NotAuthenticated, TooMany


class InvalidToken(AuthenticationFailed):
    """A token that is malformed, forged, expired, spent, of the wrong kind, or whose session has ended."""

    code, message = "invalid_token", "This token is not valid, or no longer. Sign in again."

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'}


class InvalidCredentials(NotAuthenticated):
    """The same answer for an unknown address, a wrong password and an account that is switched off."""

    code, message = "invalid_credentials", "The e-mail address or the password is not right."


class AccountLocked(TooMany):
    """Too many failures for this address from here; the same answer whether or not it has an account."""

    code, message = "account_locked", "Too many failed attempts. Try again later."


class WrongPassword(Forbidden):
    """A signed-in person could not confirm a change with their present password."""

    code, message = "wrong_password", "The current password is not right."


class _Taken(Conflict):
    field: str

    def __init__(self) -> None:
        super().__init__(details=[Detail(self.field, self.code, self.message)])


class EmailTaken(_Taken):
    code, message, field = "email_taken", "This e-mail address already has an account.", "email"


class PhoneTaken(_Taken):
    code, message, field = "phone_taken", "This phone number belongs to another account.", "phone"


class InvalidLink(Invalid):
    """The token of a mailed link is forged, expired or used; nothing tells which."""

    code, message = "invalid_link", "This link is not valid, or no longer. Ask for a new one."


class InvalidCode(Invalid):
    """A wrong, spent, expired or missing phone code; nothing tells which."""

    code, message = "invalid_code", "This code is wrong, used or expired. Ask for a new one."


class CodeTooSoon(TooMany):
    code, message = "code_too_soon", "A code was sent a moment ago. Wait before you ask for another."


class AlreadyVerified(Conflict):
    code, message = "already_verified", "This is verified already."


class OwnAccount(Conflict):
    code, message = "own_account", "You cannot change your own role or switch off your own account."


class AccountErased(Conflict):
    code, message = "account_erased", "This account was erased and stays so."


class LastSuperAdmin(Conflict):
    code, message = "last_super_admin", "Somebody has to run the house: make another super admin first."
