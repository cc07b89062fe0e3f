"""API routes of the account: its profile, and its figures computed from its trades."""

from decimal import Decimal
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import PROFILE_FIELDS, UpdateProfile, serialize_profile
from accounts.models import Account
from accounts.services.profile import update_profile
from api.schema.operation import object_schema, operation
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from market.quotes.quote import LatestQuotes
from pictures.errors import InvalidPicture
from trading.api.field_meanings import ACCOUNT_MEANINGS
from trading.api.portfolio import cached_figures
from trading.api.serializers import AccountLogin
from trading.events import rounded_figures
from trading.valuation.account import Figures

FLAG_FIELDS = ("enable", "enable_read_only", "enable_change_password")
FIGURE_FIELDS = (
    "balance", "storage", "commission", "credit", "margin", "margin_free", "margin_level", "equity",
)  # fmt: skip
# Every text of the profile but `state`, in the order of the public pages.
ACCOUNT_PROFILE_FIELDS = (
    "avatar", "email", "name", "phone", "address", "city", "country", "zipcode",
)  # fmt: skip
PROFILE_SCHEMA = object_schema(
    **dict.fromkeys(("id", "login", "leverage", "regdate", *FLAG_FIELDS), "integer"),
    **dict.fromkeys(
        ("currency", "group", "comment", *ACCOUNT_PROFILE_FIELDS, "user_color"), "string"
    ),
    **dict.fromkeys(("prevbalance", "prevmonthbalance", *FIGURE_FIELDS), "number"),
)
BALANCE_SCHEMA = object_schema(
    **dict.fromkeys(("login", "level_type", "seq"), "integer"),
    **dict.fromkeys(("profit", *FIGURE_FIELDS), "number"),
)
CHANGED_PROFILE_SCHEMA = object_schema(
    data={"type": "string", "const": "OK"},
    **dict.fromkeys(("id", "login", "leverage", "regdate"), "integer"),
    **dict.fromkeys(("group", "currency", "user_color", *PROFILE_FIELDS[1:]), "string"),
)
ERRORS = (InvalidLogin, InvalidUser, Denied)


class UpdateOwnRecord(UpdateProfile):
    """A change of the profile; the account's whole record may be sent back."""

    record: ClassVar = (*UpdateProfile.record, *PROFILE_SCHEMA["properties"])


class AccountViewSet(ApiViewSet):
    """Routes that return an account's profile and figures."""

    tag = "Account"
    field_meanings = ACCOUNT_MEANINGS
    staff_permission = "accounts.view_account"

    @operation("The account", response=PROFILE_SCHEMA, errors=ERRORS)
    def me(self, request: Request) -> Response:
        """Profile, flags and figures; storage and commission are those of the open trades."""
        self.validated()
        return Response(serialize_account(self.target_account()))

    @operation(
        "An account by its login", request=AccountLogin, response=PROFILE_SCHEMA, errors=ERRORS
    )
    def by_login(self, request: Request) -> Response:
        """The same of the account that staff name."""
        self.validated()
        return Response(serialize_account(self.target_account()))

    @operation(
        "Change the own profile",
        request=UpdateOwnRecord,
        response=CHANGED_PROFILE_SCHEMA,
        errors=(InvalidPicture, Denied),
    )
    def update_profile(self, request: Request) -> Response:
        """Changes what is sent; `avatar` is a picture from `/upload`, empty for none.

        What else a client has read of its account may be sent back, and changes nothing.
        """
        account, data = self.require_own_account(), self.validated()
        account.user = update_profile(login=account.login, changes=data)
        profile = serialize_profile(account.user)
        return Response({"data": "OK", **profile, "user_color": account.user.user_color})

    @operation("The balance", response=BALANCE_SCHEMA, errors=ERRORS)
    def balance(self, request: Request) -> Response:
        """The figures of the stream's `b` frame, and the seq that they belong to."""
        self.validated()
        account = self.target_account()
        figures, money = _current_figures_for_client(account)
        own = {"login": account.login, "level_type": figures.level_type, "seq": account.seq}
        return Response({**own, **money})


def _current_figures_for_client(account: Account) -> tuple[Figures, dict[str, Decimal]]:
    """Return the figures at the newest quotes, unrounded and as clients see them."""
    figures = cached_figures(account, LatestQuotes())
    return figures, rounded_figures(account.group, figures)


def serialize_account(account: Account) -> dict[str, object]:
    """Return profile, flags and figures of the account."""
    user, group = account.user, account.group
    money = _current_figures_for_client(account)[1]
    return {
        "id": account.login,
        "login": account.login,
        "currency": group.currency,
        "group": group.name,
        "comment": account.comment,
        "enable": int(user.enable),
        "enable_read_only": int(account.enable_read_only),
        "enable_change_password": int(user.enable_change_password),
        "leverage": account.leverage,
        **{name: getattr(user, name) for name in ACCOUNT_PROFILE_FIELDS},
        "regdate": user.regdate,
        "prevbalance": account.prevbalance,
        "prevmonthbalance": account.prevmonthbalance,
        **{name: money[name] for name in FIGURE_FIELDS},
        "user_color": user.user_color,
    }
