"""New order numbers of a unit that makes many rows."""

from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from market.quotes.quote import LatestQuotes
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services import ledger
from trading.unit.unit import lock_account

pytestmark = pytest.mark.django_db


def test_numbers_are_read_ever_more_at_once_and_in_their_order(alice: Account) -> None:
    before = set(Trade.objects.values_list("pk", flat=True))
    with (
        CaptureQueriesContext(connection) as captured,
        transaction.atomic(),
        lock_account(alice.login) as locked,
    ):
        amounts = map(D, range(1, 21))
        rows = [ledger.post_entry(locked, Cmd.BALANCE_IN, one, LatestQuotes()) for one in amounts]
    assert sum("nextval" in str(one["sql"]) for one in captured) == 6  # 1, 1, 2, 4, 8, 16
    orders = [row.order for row in rows]
    assert orders == sorted(orders)
    assert set(Trade.objects.values_list("pk", flat=True)) - before == set(orders)
    assert not list(find_differences())
