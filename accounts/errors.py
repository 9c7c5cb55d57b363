"""What accounts may answer instead of yes."""

from __future__ import annotations

from trufan.lib.errors import AuthenticationFailed, Conflict, Detail, Forbidden, Invalid, NotAuthenticated, TooMany
from trufan.lib.words import lazy as _


class InvalidToken(AuthenticationFailed):
    """A token that is malformed, forged, expired, spent, of the wrong kind, or whose session has ended."""

    code, message = "invalid_token", _("This token is not valid, or no longer. Sign in again.")

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'}


class InvalidCredentials(NotAuthenticated):
    """The same answer for an unknown address, a wrong password and an account that is switched off."""

    code, message = "invalid_credentials", _("The e-mail address or the password is not right.")


class AccountLocked(TooMany):
    """Too many failures for this address from here; the same answer whether or not it has an account."""

    code, message = "account_locked", _("Too many failed attempts. Try again later.")


class WrongPassword(Forbidden):
    """A signed-in person could not confirm a change with their present password."""

    code, message = "wrong_password", _("The current password is not right.")


class _Taken(Conflict):
    field: str

    def __init__(self) -> None:
        super().__init__(details=[Detail(self.field, self.code, self.message)])


class EmailTaken(_Taken):
    code, message, field = "email_taken", _("This e-mail address already has an account."), "email"


class PhoneTaken(_Taken):
    code, message, field = "phone_taken", _("This phone number belongs to another account."), "phone"


class InvalidLink(Invalid):
    """The token of a mailed link is forged, expired or used; nothing tells which."""

    code, message = "invalid_link", _("This link is not valid, or no longer. Ask for a new one.")


class InvalidCode(Invalid):
    """A wrong, spent, expired or missing phone code; nothing tells which."""

    code, message = "invalid_code", _("This code is wrong, used or expired. Ask for a new one.")


class CodeTooSoon(TooMany):
    code, message = "code_too_soon", _("A code was sent a moment ago. Wait before you ask for another.")


class AlreadyVerified(Conflict):
    code, message = "already_verified", _("This is verified already.")


class OwnAccount(Conflict):
    code, message = "own_account", _("You cannot change your own role or switch off your own account.")


class AccountErased(Conflict):
    code, message = "account_erased", _("This account was erased and stays so.")


class LastSuperAdmin(Conflict):
    code, message = "last_super_admin", _("Somebody has to run the house: make another super admin first.")


class SecondFactorRequired(NotAuthenticated):
    """The password is right, and the account has a second factor: ask for a code and send it along as `otp`."""

    code, message = "second_factor_required", _("Send the code of your authenticator along, or a recovery code.")


class InvalidSecondFactor(NotAuthenticated):
    """A wrong code, or one that was used before; nothing tells which."""

    code, message = "invalid_second_factor", _("This code is wrong, or was used before. Wait for the next one.")


class SecondFactorLocked(TooMany):
    code, message = "second_factor_locked", _("Too many wrong codes. Try again later.")


class SecondFactorNotSetUp(Forbidden):
    """What this account may do needs a second factor, and it has none yet."""

    code, message = "second_factor_not_set_up", _("Sign in to the console first and set up a second factor there.")


class SecondFactorMissing(Conflict):
    code, message = "second_factor_missing", _("This account has no second factor.")


class SecondFactorStays(Conflict):
    code, message = "second_factor_stays", _("What you may do here needs a second factor. You can replace it.")
