"""A symbol created by another process while this one caches its catalog."""

from accounts.models import Account
from market import catalog
from market.models import Symbol
from tests import factories
from tests.conftest import Signed
from trading.models import Trade


def test_figures_include_a_position_in_an_uncached_symbol(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    Trade.objects.create(account=alice, symbol=eurusd, cmd=0, volume=100, open_time=1, open_price=1)
    renamed = factories.symbol("GBPUSD")
    catalog.clear_catalog()
    Symbol.objects.filter(pk=renamed.pk).delete()  # this process's catalog does not have it
    catalog.current_catalog()
    Symbol.objects.bulk_create([renamed])  # says nothing to the catalog, as another process
    Trade.objects.create(
        account=alice, symbol=renamed, cmd=0, volume=100, open_time=1, open_price=1
    )
    answer = signed_in(alice).get("/account/balance")
    assert answer.status_code == 200
    assert answer.json()["margin"] > 1000  # of both
