"""Checks of every backoffice request: the age of the session, and the second factor."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from door import factors, sessions

ADMIN = "/admin/"  # the backoffice: compared at every request, without resolving URLs
Answer = Callable[[HttpRequest], HttpResponseBase]
OPEN = ("login", "logout", "jsi18n", "second_factor")  # reachable without a second factor
BACKGROUND = "HTTP_X_BACKGROUND"  # sent by polling pages: no sign of an active user


class StaffDoor:
    """Ends expired sessions; redirects staff without a required second factor to its page."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN):
            return self.judge(request) or self.answer(request)
        return self.answer(request)

    def judge(self, request: HttpRequest) -> HttpResponse | None:
        """Return the response to a session that may not go on, else None."""
        if not request.user.is_authenticated:
            return None
        if sessions.over(request.session):
            logout(request)
            if request.path_info == reverse("admin:login"):
                return None
            messages.info(request, "Your session has ended. Please sign in again.")
            return redirect_to_login(request.get_full_path(), "admin:login")
        if BACKGROUND not in request.META:
            sessions.seen(request.session)
        if self.lacks_factor(request) and request.path_info not in self.open():
            return redirect("admin:second_factor")
        return None

    def lacks_factor(self, request: HttpRequest) -> bool:
        """Return whether the user must set up a second factor first."""
        user: Any = request.user
        if request.session.get(sessions.FACTOR) or not factors.required(user):
            return False
        return not factors.has(user)

    def open(self) -> set[str]:
        """Return the paths that are reachable without a second factor."""
        return {reverse(f"admin:{name}") for name in OPEN}
