"""The permissions of routes: by default each of them requires a valid session."""

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.authentication import is_cross_origin
from core.errors import Denied, Unauthenticated


class HasSession(BasePermission):
    """Requires a session; raises 401 instead of letting DRF choose between 401 and 403."""

    def has_permission(self, request: Request, view: object) -> bool:
        if not request.user:
            raise Unauthenticated
        return True


class FromKnownSite(BasePermission):
    """Refuses a page of a site that is neither this one nor listed in CORS_ORIGINS.

    It could sign its visitor in as somebody else. For routes that begin a session; browsers
    send an Origin with every write. Listed sites get no cookie.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        listed = request.META.get("HTTP_ORIGIN") in settings.CORS_ALLOWED_ORIGINS
        if is_cross_origin(request) and not listed:
            raise Denied("another site's page cannot sign in here")
        return True
