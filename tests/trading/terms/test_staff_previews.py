"""What staff are shown before they act is at the prices that the account sees."""

from accounts.models import Account
from market.models import GroupTerms, Symbol
from trading import services
from trading.backoffice.actions.close_preview import preview_close
from trading.models import Trade


def test_a_close_is_previewed_at_the_groups_price(alice: Account, eurusd: Symbol) -> None:
    GroupTerms.objects.create(group=alice.group, symbols="*", bid_markup=4, ask_markup=4)
    order = services.open_market(login=100001, cmd=0, symbol="EURUSD", volume=100).order
    trade = Trade.objects.get(pk=order)
    assert "at 1.09996: profit -18.00 USD" in preview_close(trade, 100).summary
    closed = services.close_position(login=100001, order=order)
    assert closed.profit == -18
