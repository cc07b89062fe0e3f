"""Dashboard tiles of risk: accounts with little margin left, the engine's lag."""

from collections.abc import Mapping

from django.urls import reverse

from accounts.models import Account, Group, User
from backoffice.columns import NO_VALUE, format_duration, format_money, tone_of
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from core.heartbeats import read_heartbeats
from trading.backoffice import read_book_summary
from trading.backoffice.read_book_summary import BookSummary, NearAccount
from trading.enums import LevelType

MAX_ACCOUNTS = 30  # displayed of all that are at risk
RISKY_LEVEL = 200  # percent: who has more margin is at no risk yet
TONES = {LevelType.STOP_OUT: "bad", LevelType.MARGIN_CALL: "warn", LevelType.OK: ""}


def risk_tile(user: User) -> list[Content]:
    """Return the accounts with the least margin left, up to RISKY_LEVEL or in a margin call."""
    summary = read_book_summary.read_summary(user.visible_groups)
    names = dict(Group.objects.filter(pk__in=summary.groups).values_list("pk", "name"))
    found = sorted(
        (near.above, key, near)
        for key, view in summary.groups.items()
        for near in view.nearest
        if near.level <= RISKY_LEVEL or near.level_type != LevelType.OK
    )[:MAX_ACCOUNTS]
    accounts = Account.objects.select_related("user").in_bulk([near.login for *_, near in found])
    rows = [
        _account_row(near, names.get(key, ""), summary.groups[key].currency, accounts)
        for _, key, near in found
    ]
    columns = (
        "Login", "Client", "Group", "#Level", "#Until stop-out", "#Equity", "#Margin",
        "#Floating", "State",
    )  # fmt: skip
    empty = f"No account is at {RISKY_LEVEL} % or less"
    return [Table(columns, rows, empty=empty), *age_notes(summary)]


def _account_row(
    risky: NearAccount, group: str, currency: str, accounts: Mapping[int, Account]
) -> list[Cell | str]:
    kind, account = LevelType(risky.level_type), accounts.get(risky.login)
    page = reverse("admin:accounts_account_change", args=[risky.login])
    floating = risky.equity - float(account.balance + account.credit) if account else 0.0
    return [
        Cell(str(risky.login), url=page),
        account.user.name if account else NO_VALUE,
        group,
        Cell(f"{risky.level:,.1f} %", tone=TONES[kind]),
        f"{risky.above:,.1f} %",
        f"{format_money(risky.equity, currency)} {currency}",
        f"{format_money(risky.margin, currency)} {currency}",
        Cell(f"{format_money(floating, currency)} {currency}", tone=tone_of(round(floating, 2))),
        Cell(kind.label, tone=TONES[kind]),
    ]


def engine_tile(_user: User) -> list[Content]:
    """Return how far the engines are behind the quotes, and what they have done."""
    heartbeats = list(read_heartbeats().get("engine", {}).values())
    leaders = sorted((one for one in heartbeats if one.get("leader")), key=lambda one: one["shard"])
    if not leaders:
        return [Note("no engine leads", "bad")]
    behind = max(one["lag_ms"] for one in leaders)
    shard_counts = sorted({int(one.get("shards", 1)) for one in leaders})
    mixed = (
        f"engines of {' and '.join(map(str, shard_counts))} shards lead at once: end the old ones"
    )
    return [
        FigureList(
            [
                (
                    "Behind the quotes",
                    Cell(format_duration(behind), tone="bad" if behind > 5000 else ""),
                ),
                ("Longest pass", f"{max(one['pass_ms'] for one in leaders):,.1f} ms"),
                ("Open positions", f"{sum(one['trades'] for one in leaders):,.0f}"),
                ("Triggers carried out", f"{sum(one['triggers'] for one in leaders):,.0f}"),
                ("Shards", f"{len(leaders)}"),
                ("On standby", f"{len(heartbeats) - len(leaders)}"),
            ]
        ),
        *([Note(mixed, "warn")] if len(shard_counts) > 1 else []),
    ]


def age_notes(summary: BookSummary) -> list[Content]:
    """Return a line when the figures are not of this moment."""
    if summary.age is None:
        return [Note("no engine publishes figures", "bad")]
    return (
        [Note(f"figures {format_duration(summary.age)} old", "warn")] if summary.age > 6000 else []
    )
