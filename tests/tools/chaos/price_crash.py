"""A price that falls 5 % in two seconds, and the crowd whose stops and margins it reaches."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from accounts.models import Account, Group
from realtime.models import AccountEvent
from tests import factories
from tests.tools.chaos.load import PRICES
from trading import services
from trading.enums import Activation, Cmd
from trading.models import Trade

FALL, FALL_SECONDS = 0.05, 2.0
VICTIMS = ("engine", "postgres", "redis")  # killed in turn while it falls
SYMBOL = "EURUSD"
STOPPED = range(810_001, 810_041)  # accounts with stops
POSITIONS = 5  # of each of them
SHORT_OF_MONEY = range(820_001, 820_011)  # accounts that the fall stops out


class CrashCrowd:
    """Accounts with positions that a crash reaches; each crash has accounts of its own."""

    def __init__(self, number: int) -> None:
        self.first_login = number * 100_000
        group = factories.group("chaos", max_positions=200)
        dice = Random(number)
        self.logins = [*self._open_with_stops(group, dice), *self._open_short_of_money(group)]

    def describe(self) -> str:
        """Return what has become of the crowd."""
        found = Trade.objects.filter(account__in=self.logins, symbol=SYMBOL)
        by_stop = found.filter(activation=Activation.STOP_LOSS).count()
        by_margin = found.filter(activation=Activation.STOP_OUT).count()
        return f"{by_stop} stops and {by_margin} stop-outs of {found.count()}"

    def find_missed(self) -> Iterator[str]:
        """Yield positions that the whole fall must have closed and that are open."""
        live = Trade.objects.filter(account__in=self.logins, symbol=SYMBOL, state=0)
        for trade in live.order_by("order"):
            yield f"order {trade.pk} of the crowd outlived the crash, stop {trade.sl}"

    def find_wrong_notices(self) -> Iterator[str]:
        """Yield accounts short of money that did not get one margin call and one stop-out.

        The price only falls, so a second of either is one that was notified again.
        """
        notices = AccountEvent.objects.filter(login__in=self.logins, event__0="n")
        counts = Counter(notices.values_list("login", "event__1"))
        for login in self.logins:
            short = login - self.first_login in SHORT_OF_MONEY
            for title in ("Margin call", "Stop-out"):
                if counts[login, title] != short:
                    yield f"{login} got {counts[login, title]} notices: {title}"

    def _open_with_stops(self, group: Group, dice: Random) -> Iterator[int]:
        for login in STOPPED:
            account = factories.client(login + self.first_login, group, "100000")
            for _ in range(POSITIONS):
                stop = PRICES[SYMBOL] * (1 - dice.uniform(0.005, 0.045))
                self._open(account, dice.randint(1, 5), Decimal(f"{stop:.5f}"))
            yield account.login

    def _open_short_of_money(self, group: Group) -> Iterator[int]:
        for login in SHORT_OF_MONEY:
            account = factories.client(login + self.first_login, group, "3000")
            self._open(account, 100, Decimal(0))
            yield account.login

    @staticmethod
    def _open(account: Account, volume: int, stop: Decimal) -> None:
        services.open_market(
            login=account.login, cmd=Cmd.BUY, symbol=SYMBOL, volume=volume, sl=stop
        )
