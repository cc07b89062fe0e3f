"""A login at all its storage limits."""

import random

from django.conf import settings

from accounts.models import Account, User
from alerts.enums import AlertSide, AlertStatus, Condition, RepeatMode
from alerts.models import Alert, AlertLog
from core.clock import now
from core.session_tokens import SessionToken
from market.models import Symbol
from realtime.models import AccountEvent
from scripts import services as scripts
from scripts.models import Script
from settings_app.models import Setting
from tests.tools.bench.rest_rows import random_position
from trading.enums import State
from trading.models import Trade

PIECE = 64 * 1024  # bytes of one setting
SCRIPT = 256 * 1024  # bytes of one script
LINE = "plot(close - sma(close, 20));\n"
ALERTS, LOGS, EVENTS = 5_000, 50_000, 1_000


def write_rows(login: int, trades: int) -> None:
    """Write all rows."""
    account, chance = Account.objects.get(pk=login), random.Random(7)
    symbols = list(Symbol.objects.all())
    Setting.objects.bulk_create(
        Setting(
            user_id=login, prefix="p", name=f"{n}", updated_time=1, value=text_of_size(PIECE - 100)
        )
        for n in range(settings.SETTINGS_BYTES // PIECE)
    )
    for _ in range(scripts.MOST_BYTES // SCRIPT):
        Script.objects.create(
            user_id=login,
            name="n",
            script=LINE * (SCRIPT // len(LINE)),
            created_time=1,
            updated_time=1,
        )
    Trade.objects.bulk_create(
        (
            random_position(account, chance.choice(symbols), chance, State.CLOSED)
            for _ in range(trades)
        ),
        batch_size=2000,
    )
    Alert.objects.bulk_create((fired_alert(login, n) for n in range(ALERTS)), batch_size=1000)
    AlertLog.objects.bulk_create((alert_log(login, n) for n in range(LOGS)), batch_size=2000)
    event = {"data": ["t", *["x" * 20] * 20]}
    AccountEvent.objects.bulk_create(
        AccountEvent(login=login, seq=n + 100, time=now(), event=event) for n in range(EVENTS)
    )


def text_of_size(size: int) -> str:
    """Return a JSON string of that many bytes."""
    return '"' + "x" * (size - 2) + '"'


def fired_alert(login: int, number: int) -> Alert:
    """Return a fired alert with long texts."""
    return Alert(
        account_id=login, symbol_id="EURUSD", side=AlertSide.BID, condition=Condition.GREATER,
        repeat_mode=RepeatMode.ONCE, status=AlertStatus.TRIGGERED, target_price="1.1",
        message="m" * 256, indicator_name="i" * 256, comment="c" * 256, created_at=number,
        updated_at=number,
    )  # fmt: skip


def alert_log(login: int, number: int) -> AlertLog:
    """Return one firing."""
    return AlertLog(
        alert_id=number % ALERTS + 1, login=login, symbol="EURUSD", message="m" * 180, side=0,
        condition=2, target_price="1.1", triggered_price="1.1", triggered_at=number,
        comment="",
        quote_time=number, quote_number=number, evaluated_at=number,
    )  # fmt: skip


def issue_token(login: int) -> str:
    """Return a session token of the login."""
    user = User.objects.get(pk=login)
    return str(SessionToken.issue(login, user.type, user.session_version))
