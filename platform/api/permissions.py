"""The default door: a valid session, asked for on every route that does not open itself."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.authentication import same_origin
from core.errors import Denied, Unauthenticated


class HasSession(BasePermission):
    """Raises 401 instead of letting DRF choose between 401 and 403."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user:
            raise Unauthenticated
        return True


class FromThisSite(BasePermission):
    """For what sets the cookie: a page of another site must not sign its visitor in as somebody.

    Only browsers send an Origin; they do so with every write.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if "HTTP_ORIGIN" in request.META and not same_origin(request):
            raise Denied("another site's page cannot sign in here")
        return True
