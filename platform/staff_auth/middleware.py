"""Checks of every backoffice request: the age of the session, and the second factor."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse

from core.users import signed_in_user
from staff_auth import second_factor, session_limits

ADMIN_PATH = "/admin/"  # the backoffice: compared at every request, without resolving URLs
GetResponse = Callable[[HttpRequest], HttpResponseBase]
EXEMPT_VIEWS = ("login", "logout", "jsi18n", "second_factor")  # reachable without a second factor
BACKGROUND_HEADER = "HTTP_X_BACKGROUND"  # sent by polling pages: no sign of an active user


class StaffSessionMiddleware:
    """Ends expired sessions; redirects staff without a required second factor to its page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ADMIN_PATH):
            return self.get_response(request)
        response = self.check_session(request) or self.get_response(request)
        if response.status_code == 302 and BACKGROUND_HEADER in request.META:
            return HttpResponseForbidden()  # a script cannot tell the sign-in page from its answer
        return response

    def check_session(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response to a session that may not go on, else None."""
        if not request.user.is_authenticated:
            return None
        if session_limits.has_expired(request.session):
            logout(request)
            if request.path_info == reverse("admin:login"):
                return None
            messages.info(request, "Your session has ended. Please sign in again.")
            return redirect_to_login(request.get_full_path(), "admin:login")
        if BACKGROUND_HEADER not in request.META:
            session_limits.mark_active(request.session)
        if self.lacks_second_factor(request) and request.path_info not in self.exempt_paths():
            return redirect("admin:second_factor")
        return None

    def lacks_second_factor(self, request: HttpRequest) -> bool:
        """Return whether the user must set up a second factor first."""
        user = signed_in_user(request)
        if request.session.get(session_limits.SECOND_FACTOR_KEY) or not second_factor.is_required(
            user
        ):
            return False
        return not second_factor.is_enrolled(user)

    def exempt_paths(self) -> set[str]:
        """Return the paths that are reachable without a second factor."""
        return {reverse(f"admin:{name}") for name in EXEMPT_VIEWS}
