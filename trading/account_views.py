"""API routes of the account: its profile, and its figures computed from its trades."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from accounts.serializers import PROFILE
from api.operation import obj, operation
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from market.quotes import LatestQuotes
from trading.events import shown_figures
from trading.valuation import Figures, current

FLAGS = ("enable", "enable_read_only", "enable_change_password")
MONEY = (
    "balance", "storage", "commission", "credit", "margin", "margin_free", "margin_level", "equity",
)  # fmt: skip
# The contract has every profile field here except `state`; only the first one is a number.
SHOWN = tuple(name for name in PROFILE if name != "state")
ME = obj(
    **dict.fromkeys(("id", "login", "leverage", "regdate", *FLAGS), "integer"),
    **dict.fromkeys(("currency", "group", "comment", *SHOWN[1:]), "string"),
    **dict.fromkeys(("prevbalance", "prevmonthbalance", *MONEY), "number"),
)
BALANCE = obj(
    **dict.fromkeys(("login", "level_type", "seq"), "integer"),
    **dict.fromkeys(("profit", *MONEY), "number"),
)
ERRORS = (InvalidLogin, InvalidUser, Denied)


class AccountViewSet(ApiViewSet):
    """Routes that return an account's profile and figures."""

    staff_right = "accounts.view_account"

    @operation("The account", gives=ME, errors=ERRORS)
    def me(self, request: Request) -> Response:
        """Profile, flags and figures; storage and commission are those of the open trades."""
        self.input()
        account = self.account()
        user, group = account.user, account.group
        money = _money(account)[1]
        return Response(
            {
                "id": account.login,
                "login": account.login,
                "currency": group.currency,
                "group": group.name,
                "comment": account.comment,
                "enable": int(user.enable),
                "enable_read_only": int(account.enable_read_only),
                "enable_change_password": int(user.enable_change_password),
                "leverage": account.leverage,
                **{name: getattr(user, name) for name in SHOWN},
                "prevbalance": account.prevbalance,
                "prevmonthbalance": account.prevmonthbalance,
                **{name: money[name] for name in MONEY},
            }
        )

    @operation("The balance", gives=BALANCE, errors=ERRORS)
    def balance(self, request: Request) -> Response:
        """The figures of the stream's `b` frame, and the seq that they belong to."""
        self.input()
        account = self.account()
        figures, money = _money(account)
        own = {"login": account.login, "level_type": figures.level_type, "seq": account.seq}
        return Response({**own, **money})


def _money(account: Account) -> tuple[Figures, dict[str, Any]]:
    """Return the figures at the newest quotes, unrounded and as clients see them."""
    figures = current(account, LatestQuotes())
    return figures, shown_figures(account.group, figures)
