"""Inputs of the session routes, and the profile that they answer."""

from typing import Any

from accounts.models import User
from api.fields import IntField, TextField
from api.inputs import Input

PROFILE = (
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


class SignIn(Input):
    """Credentials."""

    login = IntField(min_value=0)
    password = TextField(min_length=6, max_length=64)


def profile(user: User) -> dict[str, Any]:
    """Who the user is; staff have no group, currency or leverage."""
    account = getattr(user, "account", None)
    return {
        "id": user.login,
        "login": user.login,
        **{name: getattr(user, name) for name in PROFILE},
        "leverage": account.leverage if account else 0,
        "group": account.group.name if account else "",
        "currency": account.group.currency if account else "",
    }
