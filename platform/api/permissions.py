"""The default door: a valid session, asked for on every route that does not open itself."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.errors import Unauthenticated


class HasSession(BasePermission):
    """Raises 401 instead of letting DRF choose between 401 and 403."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user:
            raise Unauthenticated
        return True
