"""Rate limits on every route, and the headers that report them."""

from collections.abc import Iterable
from contextlib import suppress
from math import ceil
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from api.input import request_parameters
from api.input_fields import IntField
from api.throttling.gcra import RateLimitState, spend_charges
from api.throttling.rate_limits import RULES, RateLimitRule, rules_counting
from core.client_address import get_client_network
from core.errors import TooFrequent


class RateLimitedView(APIView):
    """A viewset names the rules that count its requests: `limits = ("address", "trading")`."""

    limits: ClassVar[tuple[str, ...]] = ("address",)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate and count, also without a valid session: guessing must not be free."""
        login = 0
        try:
            login = self._counted_login(request)
        finally:
            self._count_request(request, login)

    def _counted_login(self, request: Request) -> int:
        """Return the session's login, else the login that asks for a session, else 0."""
        user: Any = request.user
        if user:
            return int(user.login)
        if "sign_login" not in self.limits:
            return 0
        with suppress(ValidationError):  # the action says what is wrong with it
            login: int = IntField().run_validation(request_parameters(request).get("login", 0))
            return login
        return 0

    def _count_request(self, request: Request, login: int) -> None:
        counted = count_request(request, self.limits, login)
        if not counted:
            return
        rule, state = max(counted, key=lambda each: _tightness(each[1]))
        self._set_headers(state)
        if state.wait:
            raise _refusal(rule, state)

    def _set_headers(self, state: RateLimitState) -> None:
        self.headers["X-RateLimit-Limit"] = str(state.limit)
        self.headers["X-RateLimit-Remaining"] = str(state.remaining)
        self.headers["X-RateLimit-Reset"] = str(state.reset)


def count_request(
    request: Request | HttpRequest, names: Iterable[str], login: int, *, email: str = ""
) -> list[tuple[RateLimitRule, RateLimitState]]:
    """Count the request by the rules of these names; return each with its state."""
    address = get_client_network(request)
    charged = [
        (rule, charge)
        for rule in rules_counting(names, request.method)
        if (charge := rule.charge(address, login, email=email)) is not None
    ]
    states = spend_charges([charge for _, charge in charged])
    return [(rule, standing) for (rule, _), standing in zip(charged, states, strict=True)]


def refuse_too_many(
    request: Request | HttpRequest, names: Iterable[str], login: int = 0, *, email: str = ""
) -> None:
    """Count a request that a viewset's `limits` do not: of a page, or within an action.

    Raises:
        TooFrequent: a rule refuses the request.
    """
    for rule, state in count_request(request, names, login, email=email):
        if state.wait:
            raise _refusal(rule, state)


def remaining_requests(request: Request, login: int) -> list[tuple[str, str, int, int, int, int]]:
    """Return name, scope, limit, period, remaining requests and reset time of each rule.

    The period is in seconds, the reset time in unix seconds.
    """
    address = get_client_network(request)
    charged = [
        (rule, charge)
        for rule in RULES.values()
        if (charge := rule.charge(address, login, cost=0)) is not None
    ]
    states = spend_charges([charge for _, charge in charged])
    return [
        (rule.name, rule.scope, rule.limit, rule.period, standing.remaining, standing.reset)
        for (rule, _), standing in zip(charged, states, strict=True)
    ]


def _tightness(state: RateLimitState) -> tuple[float, int]:
    """Return a sort key: highest where a rule refuses longest, else where least is left."""
    return state.wait, -state.remaining


def _refusal(rule: RateLimitRule, state: RateLimitState) -> TooFrequent:
    per = "second" if rule.period == 1 else f"{rule.period} seconds"
    return rule.error(
        f"at most {state.limit} requests per {per} and {rule.scope.replace('_', ' and ')};"
        f" try again in {ceil(state.wait)} s",
        wait=state.wait,
    )
