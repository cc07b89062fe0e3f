"""Rate limits on every route, and the headers that report them."""

from collections.abc import Iterable
from contextlib import suppress
from math import ceil
from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from api.fields import IntField
from api.gcra import Standing, spend
from api.inputs import parameters
from api.limits import RULES, Rule, counting
from core.client_address import get_client_network
from core.errors import TooFrequent


class Limited(APIView):
    """A viewset names the rules that count its requests: `limits = ("address", "trading")`."""

    limits: ClassVar[tuple[str, ...]] = ("address",)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate and count, also without a valid session: guessing must not be free."""
        login = 0
        try:
            login = self._login_counted(request)
        finally:
            self._count(request, login)

    def _login_counted(self, request: Request) -> int:
        """Return the session's login, else the login that asks for a session, else 0."""
        user: Any = request.user
        if user:
            return int(user.login)
        if "sign_login" not in self.limits:
            return 0
        with suppress(ValidationError):  # the action says what is wrong with it
            login: int = IntField().run_validation(parameters(request).get("login", 0))
            return login
        return 0

    def _count(self, request: Request, login: int) -> None:
        counted = count(request, self.limits, login)
        if not counted:
            return
        rule, standing = max(counted, key=lambda each: _tightness(each[1]))
        self._tell(standing)
        if standing.wait:
            raise _refusal(rule, standing)

    def _tell(self, standing: Standing) -> None:
        self.headers["X-RateLimit-Limit"] = str(standing.limit)
        self.headers["X-RateLimit-Remaining"] = str(standing.remaining)
        self.headers["X-RateLimit-Reset"] = str(standing.reset)


def count(
    request: Request | HttpRequest, names: Iterable[str], login: int, *, email: str = ""
) -> list[tuple[Rule, Standing]]:
    """Count the request by the rules of these names; return each with its state."""
    address = get_client_network(request)
    charged = [
        (rule, charge)
        for rule in counting(names, request.method)
        if (charge := rule.charge(address, login, email=email)) is not None
    ]
    standings = spend([charge for _, charge in charged])
    return [(rule, standing) for (rule, _), standing in zip(charged, standings, strict=True)]


def refuse_too_many(
    request: Request | HttpRequest, names: Iterable[str], login: int = 0, *, email: str = ""
) -> None:
    """Count a request that a viewset's `limits` do not: of a page, or within an action.

    Raises:
        TooFrequent: a rule refuses the request.
    """
    for rule, standing in count(request, names, login, email=email):
        if standing.wait:
            raise _refusal(rule, standing)


def left(request: Request, login: int) -> list[tuple[str, str, int, int, int, int]]:
    """Return name, scope, limit, period, remaining requests and reset time of each rule.

    The period is in seconds, the reset time in unix seconds.
    """
    address = get_client_network(request)
    charged = [
        (rule, charge)
        for rule in RULES.values()
        if (charge := rule.charge(address, login, cost=0)) is not None
    ]
    standings = spend([charge for _, charge in charged])
    return [
        (rule.name, rule.scope, rule.limit, rule.period, standing.remaining, standing.reset)
        for (rule, _), standing in zip(charged, standings, strict=True)
    ]


def _tightness(standing: Standing) -> tuple[float, int]:
    """Return a sort key: highest where a rule refuses longest, else where least is left."""
    return standing.wait, -standing.remaining


def _refusal(rule: Rule, standing: Standing) -> TooFrequent:
    per = "second" if rule.period == 1 else f"{rule.period} seconds"
    return rule.error(
        f"at most {standing.limit} requests per {per} and {rule.scope.replace('_', ' and ')};"
        f" try again in {ceil(standing.wait)} s",
        wait=standing.wait,
    )
