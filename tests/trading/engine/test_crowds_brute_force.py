"""Crowds against a brute force of whole accounts, with requests in between and killed engines."""

from collections import Counter, defaultdict
from random import Random

import pytest

from market.quotes.tick_log import newest_batch_number
from tests.fuzz import FUZZ, examples
from tests.trading.engine.brute_force.account_types import OF_ACCOUNT
from tests.trading.engine.brute_force.crowd_market import TERMS, CrowdMarket, CrowdPlanner
from tests.trading.engine.brute_force.crowd_outcome import (
    SentRequest,
    compare_crowds,
    places_within,
)
from tests.trading.engine.brute_force.mortal_engine import MortalEngine, mortal_engine
from tests.trading.engine.brute_force.plan_player import PlanClients
from tests.trading.engine.brute_force.trigger_oracle import PlannedRequest
from trading.enums import Activation
from trading.errors import NoMoney
from trading.models import Fill, MarginAction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fuzz]
ACCOUNTS, JUMPS = (28, 8) if FUZZ == 1 else (300, 24)
AT_DEATH, AT_REST = 0.4, 0.2  # requests an account and batch
MOST_AT_DEATH = 2  # requests of an account: each place of the one with each of the other is tried


class CrowdPlay:
    """A play: jumps of the market, and requests at rest and where an engine has died."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(f"crowd {seed}")
        self.market, self.clients = CrowdMarket(Random(f"market {seed}")), PlanClients(TERMS)
        self.planner = CrowdPlanner(self.chance, self.market, ACCOUNTS)
        self.published = self.market.sent  # quotes up to the last batch that was processed
        self.sent: dict[int, list[SentRequest]] = defaultdict(list)
        self.at_death: Counter[int] = Counter()  # requests by account
        self.half_done = 0  # deaths at which the engine had written a part of a batch

    def run(self, engine: MortalEngine) -> None:
        for op in self.planner.create_accounts():
            self._send(op, self.market.sent)
        for number in range(JUMPS):
            self.market.crash() if number % 4 == 3 else self.market.jump()
            self._process(engine)
            for login in self._some_accounts(AT_REST):
                self._send(self.planner.later_request(login), self.market.sent)

    def _process(self, engine: MortalEngine) -> None:
        """Have the newest batch processed, with requests wherever an engine dies."""
        begin, eager = self.published, self._some_accounts(AT_DEATH)
        self.published = self.market.sent
        written = [written_rows()]

        def on_death() -> None:
            written.append(written_rows())
            for _ in range(len(eager) // 2):
                number = eager.pop()
                if self.at_death[number] < MOST_AT_DEATH:
                    self.at_death[number] += 1
                    self._send(self.planner.later_request(number), begin)

        engine.process(newest_batch_number(), on_death)
        self.half_done += sum(written[0] < rows < written_rows() for rows in written[1:])

    def _some_accounts(self, share: float) -> list[int]:
        return self.chance.sample(range(ACCOUNTS), int(ACCOUNTS * share))

    def _send(self, op: PlannedRequest, begin: int) -> None:
        """Send a request while the engine is somewhere between quote `begin` and the newest."""
        try:
            self.clients.act(op)
            accepted = self.clients.accepted[-1]
            if op.act == "open":
                self.planner.take_opened(op)
        except NoMoney:
            accepted = False
        places = places_within(begin, self.market.sent)
        self.sent[op.key // OF_ACCOUNT].append(SentRequest(op, places, accepted))


def written_rows() -> int:
    """Return how many rows the engine's rules have written."""
    by_engine = Fill.objects.exclude(trade__activation=Activation.NONE).count()
    return by_engine + MarginAction.objects.count()


def check_coverage(play: CrowdPlay) -> None:
    """Check that the play has had everything that it is about."""
    assert play.half_done
    kinds = set(MarginAction.objects.values_list("kind", flat=True))
    assert kinds == {*MarginAction.Kind.values}
    fills = Counter(fill.quote[4] for fill in Fill.objects.exclude(kind=Fill.Kind.OPEN))
    assert max(fills.values()) >= ACCOUNTS // 3, fills  # of one quote


@pytest.mark.timeout(300 if FUZZ == 1 else 3600)
@pytest.mark.parametrize("seed", range(examples(1)))
def test_crowds_with_killed_engines_match_the_brute_force(seed: int) -> None:
    play = CrowdPlay(seed)
    with mortal_engine(Random(f"death {seed}")) as engine:
        play.run(engine)
    differences = list(compare_crowds(play.market, play.clients, play.planner, play.sent))
    if differences:
        pytest.fail("\n".join(differences[:40]), pytrace=False)
    check_coverage(play)
