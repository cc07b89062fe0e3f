"""Inputs of the session and account routes, and the profile in their responses."""

from typing import ClassVar

from django.core.validators import EmailValidator, RegexValidator
from rest_framework import serializers

from accounts.models import User
from accounts.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from api.input import Input
from api.input_fields import IntField, TextField
from api.schema.operation import OK_SCHEMA

PROFILE_FIELDS = (
    "regdate",
    "email",
    "avatar",
    "name",
    "phone",
    "address",
    "city",
    "state",
    "country",
    "zipcode",
)
# To staff the answer names the login as well.
PASSWORD_SCHEMA = {
    **OK_SCHEMA, "properties": dict.fromkeys(("data", "login"), OK_SCHEMA["properties"]["data"])
}  # fmt: skip


def password_field() -> TextField:
    """Return an input field for a password."""
    return TextField(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)


def optional_text_field(max_length: int) -> TextField:
    """Return an optional text field of the profile."""
    return TextField(required=False, allow_blank=True, max_length=max_length)


class SignIn(Input):
    """Credentials; staff with a second factor send its code as well."""

    example: ClassVar = {"login": 100001, "password": "demo1234"}
    login = IntField(min_value=0)
    password = password_field()
    code = TextField(required=False, max_length=32)


class SignUp(Input):
    """A new client; without `group` the first public one."""

    example: ClassVar = {
        "name": "Alice",
        "email": "alice@example.com",
        "password": "correct horse",
    }
    login = None  # type: ignore[assignment]  # DRF's way to drop a field: we assign the login
    name = TextField(max_length=128, validators=[RegexValidator(r"\S", "must not be blank")])
    email = TextField(max_length=254, validators=[EmailValidator()])
    password = password_field()
    group = TextField(required=False, max_length=32)
    leverage = IntField(required=False, min_value=1, max_value=10_000)
    phone = optional_text_field(32)
    country = optional_text_field(64)
    city = optional_text_field(64)
    address = optional_text_field(256)
    state = optional_text_field(64)
    zipcode = optional_text_field(16)


class VerifySignUp(Input):
    """The code that was mailed; without a session there is no login to name."""

    login = None  # type: ignore[assignment]  # as above
    id = IntField(min_value=1)
    code = TextField(min_length=1, max_length=32)
    example: ClassVar = {"id": 1, "code": "ABCD-2345"}


class ChangePassword(Input):
    """A client gives the old one; a staff session names the login."""

    example: ClassVar = {"old_password": "demo1234", "password": "correct horse"}
    old_password = TextField(required=False, max_length=MAX_PASSWORD_LENGTH)
    password = password_field()


class EventsSince(Input):
    """A position in the account's event log."""

    example: ClassVar = {"since": 0}
    since = IntField(min_value=0)


class UpdateProfile(Input):
    """What clients change of their own profile; the rest of the record is ignored."""

    example: ClassVar = {"city": "Tallinn", "user_color": "#1d4ed8"}
    record: ClassVar[tuple[str, ...]] = (*PROFILE_FIELDS, "id", "currency", "group", "leverage")
    name = TextField(
        required=False, max_length=128, validators=[RegexValidator(r"\S", "must not be blank")]
    )
    avatar = optional_text_field(4096)
    phone = optional_text_field(64)
    address = optional_text_field(256)
    city = optional_text_field(128)
    state = optional_text_field(128)
    country = optional_text_field(128)
    zipcode = optional_text_field(32)
    user_color = optional_text_field(32)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Refuse a change of nothing."""
        if not attrs.keys() - {"login"}:
            raise serializers.ValidationError("nothing to update")
        return attrs


def serialize_profile(user: User) -> dict[str, object]:
    """Return the profile of the user; staff have no group, currency or leverage.

    The order is that of the public pages: some clients read by position.
    """
    account = getattr(user, "account", None)
    return {
        "id": user.login,
        "login": user.login,
        "regdate": user.regdate,
        "leverage": account.leverage if account else 0,
        **{name: getattr(user, name) for name in PROFILE_FIELDS[1:]},
        "group": account.group.name if account else "",
        "currency": account.group.currency if account else "",
    }
