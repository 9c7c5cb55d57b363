"""What may be answered about devices instead of yes."""

from trufan.lib.errors import AuthenticationFailed, Conflict, Forbidden
from trufan.lib.words import lazy as _


class InvalidApiKey(AuthenticationFailed):
    """One answer for a key nobody made, a wrong secret, and one that expired or was revoked."""

    code, message = "invalid_api_key", _("This API key is not valid, or no longer.")


class NotForDevices(Forbidden):
    code, message = "not_for_devices", _("A device's key does not open this.")


class DeviceRevoked(Conflict):
    code, message = "device_revoked", _("This device was revoked. Make a new one.")
