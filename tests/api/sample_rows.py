"""An account with several rows of everything that a route lists."""

from dataclasses import dataclass

from accounts.models import Account
from alerts.enums import AlertSide, Condition, RepeatMode
from alerts.models import Alert, AlertLog
from alerts.services import create_alert
from core.clock import now
from market.enums import Resolution
from market.models import Candle, Symbol, WatchItem
from realtime.models import Notification
from scripts import services as scripts
from settings_app import services as settings
from tests import factories
from tests.factories import D
from trading import services
from trading.enums import Cmd, Reason

DAY = 86_400  # seconds until a quote is stale: however long the requests take, they can trade
QUOTES = {"EURUSD": (1.1, 1.1001), "USDJPY": (150.1, 150.12), "GBPUSD": (1.25, 1.2501)}


@dataclass(frozen=True)
class SampleIds:
    """The ids that requests can name."""

    position: int
    pending: int
    alert: int
    log: int
    script: int
    notification: int


def create_sample_rows(account: Account) -> SampleIds:
    """Create symbols with quotes and candles, and several rows of everything the account has."""
    login = account.login
    symbols = [create_symbol(name) for name in QUOTES]
    positions, pendings = create_trades(login), place_pendings(login)
    alerts = [create_waiting_alert(login, name) for name in QUOTES for _ in range(2)]
    logs = [create_alert_log(one, number) for number, one in enumerate(alerts)]
    made = [scripts.create_script(login=login, name=f"S{i}", script="x") for i in range(3)]
    settings.save_settings(login=login, prefix="web", values={f"k{i}": str(i) for i in range(5)})
    for index, one in enumerate(symbols[:2]):
        WatchItem.objects.create(login=login, symbol=one, sort_index=index)
    note = create_notification(login)
    return SampleIds(positions[0], pendings[0], alerts[0].id, logs[0].id, made[0].id, note)


def create_notification(login: int) -> int:
    """Store three notifications; return the id of the newest."""
    made = [
        Notification.objects.create(
            login=login, token=f"MARGIN_CALL:{seq}", message="Margin call", description="Low.",
            create_time=now(), type=1, status=0, level=20, data={"margin_level": 99.5},
        )
        for seq in range(1000, 1003)
    ]  # fmt: skip
    return made[-1].pk


def create_symbol(name: str) -> Symbol:
    """Create a symbol with a quote and two days of hourly candles."""
    one = factories.symbol(name, digits=3 if name == "USDJPY" else 5, quote_timeout=DAY)
    factories.quote(name, *QUOTES[name])
    hour, prices = now() // 3600 * 3600, dict.fromkeys(("open", "high", "low", "close"), 1)
    Candle.objects.bulk_create(
        Candle(symbol=one, resolution=Resolution.HOUR, time=hour - back * 3600, **prices)
        for back in range(48)
    )
    return one


def create_trades(login: int) -> list[int]:
    """Open two positions of every symbol and close others, one of them in two parts."""
    orders = [
        services.open_market(
            login=login, reason=Reason.API, cmd=cmd, volume=20, symbol=name, sl=D(0), tp=D(0)
        ).order
        for name in QUOTES
        for cmd in (Cmd.BUY, Cmd.BUY, Cmd.SELL)
    ]
    services.close_position(login=login, order=orders[2])
    services.close_position(login=login, order=orders[5], volume=10)
    return [orders[0], *orders[3:5], *orders[6:]]


def place_pendings(login: int) -> list[int]:
    """Place pending orders below the market."""
    return [
        services.open_pending(
            login=login, reason=Reason.API, cmd=Cmd.BUY_LIMIT, volume=20, symbol=name,
            open_price=D(1),
        ).order
        for name in QUOTES
    ]  # fmt: skip


def create_waiting_alert(login: int, name: str) -> Alert:
    """Create an active alert."""
    return create_alert(
        login=login, symbol=name, side=AlertSide.BID, condition=Condition.GREATER,
        repeat_mode=RepeatMode.ONCE, target_price=D(1000),
    )  # fmt: skip


def create_alert_log(one: Alert, number: int) -> AlertLog:
    """Create the log row of the alert's firing."""
    moment = now()
    return AlertLog.objects.create(
        alert=one, login=one.account_id, symbol=one.symbol_id, side=one.side,
        condition=one.condition, target_price=one.target_price, triggered_price=one.target_price,
        triggered_at=moment, quote_time=moment * 1000, quote_number=number,
        evaluated_at=moment * 1000,
    )  # fmt: skip
