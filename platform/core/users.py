"""The users and accounts as the platform's types name them.

The platform imports no section; so these are names for annotations alone, and at run time
`object`.
"""

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from rest_framework.request import Request

    from accounts.models import Account, User
else:
    Account = User = object

__all__ = ["Account", "StaffRequest", "User", "signed_in_user"]


class StaffRequest(HttpRequest):
    """A request to a view of the backoffice, which only signed-in staff reach."""

    user: User


def signed_in_user(request: "HttpRequest | Request") -> User:
    """Return the user of a request that only signed-in users may send.

    Raises:
        PermissionDenied: nobody has signed in.
    """
    user = request.user
    if not user.is_authenticated:
        raise PermissionDenied
    return user
