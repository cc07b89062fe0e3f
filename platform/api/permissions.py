"""The permissions of routes: by default each of them requires a valid session."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.authentication import is_same_origin
from core.errors import Denied, Unauthenticated


class HasSession(BasePermission):
    """Requires a session; raises 401 instead of letting DRF choose between 401 and 403."""

    def has_permission(self, request: Request, view: object) -> bool:
        if not request.user:
            raise Unauthenticated
        return True


class FromThisSite(BasePermission):
    """Refuses a page of another site that would sign its visitor in as somebody else.

    For routes that set the cookie. Only browsers send an Origin; they do so with every
    write.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        if "HTTP_ORIGIN" in request.META and not is_same_origin(request):
            raise Denied("another site's page cannot sign in here")
        return True
