"""The short way to a client leaves what the ledger would."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.forms.models import model_to_dict

from accounts.models import Account
from core import clock
from realtime.models import AccountEvent
from tests import factories
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger


def written(account: Account) -> dict[str, Any]:
    """All rows of the client and what the caller holds, without login and order."""
    (trade,) = Trade.objects.filter(account=account)
    events = AccountEvent.objects.filter(login=account.login).values("seq", "time", "event")
    text = repr(list(events)).replace(f"['o', {trade.order}, {account.login},", "['o',")
    text = text.replace(f"['b', {account.login},", "['b',")
    stored = Account.objects.get(pk=account.pk)
    return {
        "events": text,
        "trade": {**Trade.objects.filter(pk=trade.pk).values()[0], "order": 0, "account_id": 0},
        "account": {**model_to_dict(stored), "user": 0, "login": 0},
        "held": repr({**model_to_dict(account), "user": 0, "login": 0}),
        "cached": sorted(account._state.fields_cache),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("currency", "deposit"),
    [("USD", "10000"), ("EUR", "0.01"), ("JPY", "999999999"), ("USD", "7.5")],
)
def test_a_client_is_what_the_ledger_makes(
    monkeypatch: pytest.MonkeyPatch, currency: str, deposit: str
) -> None:
    still = SimpleNamespace(time=lambda: 1_800_000_000.0, time_ns=lambda: 18 * 10**17)
    monkeypatch.setattr(clock, "time", still)
    group = factories.group(currency, currency)
    empty = factories.client(100001, group, "0")
    ledger.post_operation(login=empty.login, cmd=Cmd.BALANCE_IN, amount=Decimal(deposit))
    empty.refresh_from_db()
    assert written(factories.client(100002, group, deposit)) == written(empty)
