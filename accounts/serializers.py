"""The API's shapes of people and sign-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from accounts import spoken, tokens
from accounts.models import Role, SignIn, User
from trufan.lib.names import PersonNameField
from trufan.lib.serializing import ModelSerializer


class AddressField(serializers.EmailField):
    """An e-mail address in its one spelling."""

    def to_internal_value(self, data: Any) -> str:
        return User.objects.normalize_email(super().to_internal_value(data))


class PasswordField(serializers.CharField):
    """A password as typed: not trimmed, never sent back."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 128)
        super().__init__(trim_whitespace=False, write_only=True, **kwargs)


class UserSerializer(ModelSerializer):
    """A person, as they see themselves."""

    phone = PhoneNumberField(read_only=True, allow_null=True)
    language = serializers.SerializerMethodField(help_text="Of messages, console and API; empty: none was chosen.")

    class Meta:
        model = User
        fields = [
            "id", "email", "phone", "first_name", "last_name", "role", "language",
            "email_verified_at", "phone_verified_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_language(self, user: User) -> str:
        return spoken.of(user)


class UserAdminSerializer(UserSerializer):
    """A person, as super admins see them."""

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "is_active", "last_login", "erased_at"]
        read_only_fields = fields


class ChangeUserSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)


class SessionSerializer(serializers.Serializer):
    """The answer to whoever signed in: the person and both tokens."""

    user = UserSerializer()
    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    refresh_token = serializers.CharField(help_text="Good once, for the next pair of tokens.")
    token_type = serializers.ChoiceField(choices=["bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds that the access token is good.")

    @classmethod
    def answer(cls, sign_in: SignIn, now: datetime) -> dict[str, Any]:
        """The body for this sign-in."""
        return {
            "user": UserSerializer(sign_in.user).data,
            "access_token": tokens.access_for(sign_in, now),
            "refresh_token": tokens.refresh_for(sign_in, now),
            "token_type": "bearer",
            "expires_in": tokens.access_seconds(),
        }


class RegisterSerializer(serializers.Serializer):
    email = AddressField(max_length=254)
    password = PasswordField(help_text="At least 8 characters, a digit and an upper-case letter; not a common one.")
    first_name = PersonNameField(max_length=80)
    last_name = PersonNameField(max_length=80)
    phone = PhoneNumberField(required=False, allow_null=True, help_text="With country code, such as +12125550123.")


class LoginSerializer(serializers.Serializer):
    email = AddressField(max_length=254)
    password = PasswordField()
    otp = serializers.CharField(
        max_length=20,
        required=False,
        write_only=True,
        help_text="The six digits of the authenticator, or a recovery code, where the account has a second factor.",
    )


class RefreshSerializer(serializers.Serializer):
    refresh_token = serializers.CharField(max_length=2000)


class ForgotPasswordSerializer(serializers.Serializer):
    email = AddressField(max_length=254)


class ResetPasswordSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=200, help_text="From the mailed link.")
    new_password = PasswordField()


class ChangePasswordSerializer(serializers.Serializer):
    current_password = PasswordField()
    new_password = PasswordField()


class VerifyEmailSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=1000, help_text="From the mailed link.")


class SendCodeSerializer(serializers.Serializer):
    phone = PhoneNumberField(required=False, help_text="Needed while the account has no number.")


class CodeSentSerializer(serializers.Serializer):
    expires_at = serializers.DateTimeField()
    retry_after = serializers.IntegerField(help_text="Seconds before another code may be asked for.")


class VerifyPhoneSerializer(serializers.Serializer):
    code = serializers.RegexField(r"^[0-9]{6}\Z", max_length=6, help_text="The six digits of the SMS.")


class ChangeMeSerializer(serializers.Serializer):
    email = AddressField(max_length=254, required=False)
    phone = PhoneNumberField(required=False, allow_null=True)
    first_name = PersonNameField(max_length=80, required=False)
    last_name = PersonNameField(max_length=80, required=False)
    language = serializers.ChoiceField([code for code, _ in settings.LANGUAGES], required=False)
    current_password = PasswordField(required=False, help_text="Needed to change e-mail or phone.")


class EraseMeSerializer(serializers.Serializer):
    password = PasswordField()


class SignInSerializer(ModelSerializer):
    """A signed-in device."""

    current = serializers.SerializerMethodField(help_text="Whether this request came from it.")

    class Meta:
        model = SignIn
        fields = ["id", "created_at", "last_used_at", "expires_at", "ip_address", "user_agent", "current"]
        read_only_fields = fields

    def get_current(self, sign_in: SignIn) -> bool:
        return sign_in == self.context["request"].auth


class ExportSerializer(serializers.Serializer):
    """Everything that is stored about a person."""

    exported_at = serializers.DateTimeField(default=timezone.now)
    profile = serializers.DictField()
    sign_ins = serializers.ListField(child=serializers.DictField())
    console_sessions = serializers.ListField(child=serializers.DictField())
    has_second_factor = serializers.BooleanField()
    phone_codes = serializers.ListField(child=serializers.DictField())
    activity = serializers.ListField(child=serializers.DictField())
    orders = serializers.ListField(child=serializers.DictField(), required=False)
    payments = serializers.ListField(child=serializers.DictField(), required=False)
