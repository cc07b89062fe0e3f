"""The staff's tables of accounts: what is stored of them, and their figures at the newest quotes.

Figures are exact and as clients see them. Those that a table filters by go into its query as one
JSON object, so that filters, order and count are those of every other table.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import DecimalField, F, IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from accounts.models import Account
from api.filters import FilterColumn, FilterColumns, compile_conditions, compile_ordering
from api.table import ApiTable
from core.errors import Invalid
from core.json import dumps
from market.catalog import current_converter
from market.quotes.quote import LatestQuotes
from trading.events import rounded_figures
from trading.valuation.account import Valuation
from trading.valuation.positions import load_account_snapshots

MOST_CALLED = 20_000  # accounts whose figures one request computes
FLAGS = {
    "enable": "user__enable",
    "enable_read_only": "enable_read_only",
    "enable_change_password": "user__enable_change_password",
}
PROFILE_TEXTS = (
    "name", "email", "phone", "country", "city", "state", "address", "zipcode", "avatar",
)  # fmt: skip
OWN_COLUMNS: FilterColumns = {
    "login": FilterColumn("user_id", int),
    "group": FilterColumn("group__name", str),
    "currency": FilterColumn("group__currency", str),
    "leverage": FilterColumn("leverage", int),
    "balance": FilterColumn("balance", Decimal),
    "credit": FilterColumn("credit", Decimal),
}
ACCOUNT_COLUMNS: FilterColumns = {
    **OWN_COLUMNS,
    "prevbalance": FilterColumn("prevbalance", Decimal),
    "prevmonthbalance": FilterColumn("prevmonthbalance", Decimal),
    **{name: FilterColumn(f"{name}_flag", int) for name in FLAGS},
    "comment": FilterColumn("comment", str),
    "regdate": FilterColumn("user__regdate", int),
    **{name: FilterColumn(f"user__{name}", str) for name in PROFILE_TEXTS},
}
BALANCE_COLUMNS = (
    "login", "balance", "credit", "profit", "storage", "commission", "margin", "margin_free",
    "margin_level", "equity", "level_type",
)  # fmt: skip
CALL_COLUMNS = (
    "balance", "login", "equity", "credit", "margin", "margin_free", "margin_level",
    "margin_type", "level_type",
)  # fmt: skip
LATEST = ("balance", "credit", "equity", "margin", "margin_free", "margin_level", "level_type")
CALL_FILTERS: FilterColumns = {
    "login": FilterColumn("user_id", int),
    "margin_type": FilterColumn("group__margin_type", int),
    **{name: FilterColumn(f"latest_{name}", Decimal) for name in LATEST},
    "level_type": FilterColumn("latest_level_type", int),
}
LATEST_SQL = "(%s::jsonb -> accounts_account.login::text ->> %s)::numeric"
AMOUNT = DecimalField(max_digits=20, decimal_places=4)
Accounts = QuerySet[Account, Account]


class TooManyAccounts(Invalid):
    default = f"more than {MOST_CALLED} accounts: name a login"


def list_accounts(accounts: Accounts, data: Mapping[str, object]) -> ApiTable:
    """Return what is stored of the accounts, a page of those that match."""
    flags = {f"{name}_flag": Cast(F(source), IntegerField()) for name, source in FLAGS.items()}
    matching = _filter(accounts.annotate(**flags), ACCOUNT_COLUMNS, data)
    columns = [column.name for column in ACCOUNT_COLUMNS.values()]
    rows = _page(matching, data).values_list(*columns)
    return ApiTable(tuple(ACCOUNT_COLUMNS), list(rows), {"count": matching.count()})


def list_balances(accounts: Accounts, data: Mapping[str, object]) -> ApiTable:
    """Return the figures of a page of those accounts whose stored figures match."""
    matching = _filter(accounts, OWN_COLUMNS, data)
    page = list(_page(matching, data).select_related("group"))
    figures = latest_figures(page)
    rows = [
        [figures[account.login][name] for name in BALANCE_COLUMNS]
        for account in page
        if account.login in figures
    ]
    return ApiTable(BALANCE_COLUMNS, rows, {"count": matching.count()})


def list_margin_calls(accounts: Accounts, data: Mapping[str, object]) -> ApiTable:
    """Return the accounts whose margin call has not ended, with their figures.

    Raises:
        TooManyAccounts: their figures would take too long.
    """
    called = accounts.filter(margin_called=True)
    candidates = list(called.select_related("group")[: MOST_CALLED + 1])
    if len(candidates) > MOST_CALLED:
        raise TooManyAccounts
    figures = latest_figures(candidates)
    text = dumps({str(login): values for login, values in figures.items()}).decode()
    latest = {
        f"latest_{name}": RawSQL(LATEST_SQL, [text, name], AMOUNT)  # noqa: S611 - a constant
        for name in LATEST
    }
    known = called.annotate(**latest).filter(Q(latest_balance__isnull=False))
    matching = _filter(known, CALL_FILTERS, data)
    logins = list(_page(matching, data).values_list("user_id", "group__margin_type"))
    return ApiTable(
        CALL_COLUMNS,
        [
            [{**figures[login], "margin_type": unit}[name] for name in CALL_COLUMNS]
            for login, unit in logins
        ],
        {"count": matching.count()},
    )


def latest_figures(accounts: Iterable[Account]) -> dict[int, dict[str, Decimal | int]]:
    """Return the figures at the newest quotes by login, rounded as clients see them.

    Those of one account are of one database snapshot; one that is gone meanwhile is left out.
    """
    by_login = {account.login: account for account in accounts}
    snapshots = load_account_snapshots(by_login.values())
    quotes, converter = LatestQuotes(), current_converter()
    found: dict[int, dict[str, Decimal | int]] = {}
    for login, account in by_login.items():
        snapshot = snapshots.get(login)
        if snapshot is None:
            continue
        account.balance, account.credit = snapshot.balance, snapshot.credit
        valuation = Valuation(account, converter, quotes)
        valuation.load_quotes(snapshot.positions)
        figures = valuation.figures(snapshot.positions)
        amounts = rounded_figures(account.group, figures)
        found[login] = {"login": login, "level_type": int(figures.level_type), **amounts}
    return found


def _filter(rows: Accounts, columns: FilterColumns, data: Mapping[str, object]) -> Accounts:
    """Return the matching rows in their order; by default in that of the logins."""
    order = compile_ordering(columns, data.get("orderBy"))
    return rows.filter(compile_conditions(columns, data)).order_by(*order, "user_id")


def _page(rows: Accounts, data: Mapping[str, object]) -> Accounts:
    offset, limit = int(str(data["offset"])), int(str(data["limit"]))
    return rows[offset : offset + limit]
