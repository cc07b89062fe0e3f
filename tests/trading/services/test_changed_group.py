"""A request that waits for its account's lock while the account's group is changed."""

import threading

import pytest
from django.db import connection, transaction

from accounts.models import Account
from market.models import Symbol
from tests import factories
from trading import services
from trading.enums import Cmd
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"


def test_the_order_is_judged_by_the_new_group(alice: Account, eurusd: Symbol) -> None:
    other = factories.group("other-usd", max_positions=1)
    opened: list[Trade] = []

    def buy() -> None:
        try:
            opened.append(
                services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
            )
        finally:
            connection.close()

    thread = threading.Thread(target=buy)
    with transaction.atomic():
        Account.objects.locked(alice.login)
        thread.start()
        with connection.cursor() as cursor:
            waiting = 0
            while not waiting:
                cursor.execute(WAITING, [connection.settings_dict["NAME"]])
                waiting = cursor.fetchone()[0]
        services.change_account_terms(login=alice.login, group=other, leverage=alice.leverage)
    thread.join(30)
    assert [trade.account.group for trade in opened] == [other]
