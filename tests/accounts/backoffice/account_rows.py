"""Rows of every model that leads to an account."""

from django.db.models import Model

from accounts.models import Account
from alerts.models import Address, Alert, AlertLog, Delivery
from audit.models import Entry, SignIn
from backoffice.models import Approval
from core.clock import now
from market.models import GroupTerms, Symbol
from market.schedules import GroupSchedule, Schedule
from scripts.models import Script
from settings_app.models import Setting
from trading.models import Fill, MarginAction, Rollover, SwapCharge, Trade

QUOTE = [1, 1, 1, 1, 1]  # bid, ask, times and sequence number


def create_account_rows(account: Account, symbol: Symbol) -> dict[type[Model], Model]:
    """Create a row of every model that leads to an account, belonging to this one."""
    login, words = account.pk, {"side": 0, "condition": 0, "target_price": "1.2"}
    times = {"created_at": 1, "updated_at": 1}
    week = Schedule.objects.get_or_create(name="Week")[0]
    trade = Trade.objects.create(account=account, symbol=symbol, cmd=0, volume=1, open_time=now())
    alert = Alert.objects.create(account=account, symbol=symbol, repeat_mode=0, **words, **times)
    log = AlertLog.objects.create(
        alert=alert, login=login, symbol="EURUSD", triggered_price="1", previous_price="1",
        triggered_at=1, quote_time=1, quote_number=1, evaluated_at=1, **words,
    )  # fmt: skip
    address = Address.objects.create(account=account, channel=1, address="https://a.ex", **times)
    rows: list[Model] = [
        account, account.user, account.group, trade, alert, log, address,
        GroupSchedule.objects.create(group=account.group, schedule=week),
        Fill.objects.create(trade=trade, kind="open", time=1, price=1, volume=1, quote=QUOTE),
        GroupTerms.objects.create(group=account.group, symbols="EUR*"),
        MarginAction.objects.create(account=account, kind="call", time=1),
        Delivery.objects.create(address=address, log=log, next_try=1, created_at=1),
        Script.objects.create(
            user=account.user, name="n", script="s", created_time=1, updated_time=1
        ),
        Setting.objects.create(user=account.user, prefix="p", name="n", value="1", updated_time=1),
        Entry.objects.create(time=1, action="change", login=login),
        SignIn.objects.create(time=1, login=login, door="api"),
        Approval.objects.create(
            asked_by_id=1, asked_at=1, expires_at=2 * 10**12, model="accounts.account", key=login,
            action="deposit", title="Deposit", login=login, amount=5, currency="USD", reason="r",
            data={"amount": "5", "reason": "r"},
        ),
    ]  # fmt: skip
    return {type(row): row for row in rows} | create_more_rows(account, trade)


def create_more_rows(account: Account, trade: Trade) -> dict[type[Model], Model]:
    """Create rows of the models with further pages."""
    night = Rollover.objects.get_or_create(night="2026-01-05", moment=1)[0]
    return {SwapCharge: SwapCharge.objects.create(trade=trade, night=night)}
