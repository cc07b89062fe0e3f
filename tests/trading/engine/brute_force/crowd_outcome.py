"""What a play of crowds has left in the database, against the oracle of accounts.

A request that came while the engine was at work on a batch has several places where it may have
come among the engine's changes of its account; one of them must explain all rows of the account.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from accounts.models import Account
from realtime.models import AccountEvent
from tests.trading.engine.brute_force.account_oracle import (
    AccountResult,
    MarginEvent,
    OracleAccount,
    Place,
)
from tests.trading.engine.brute_force.account_types import OF_ACCOUNT
from tests.trading.engine.brute_force.crowd_market import CrowdMarket, CrowdPlanner
from tests.trading.engine.brute_force.plan_outcome import Outcome
from tests.trading.engine.brute_force.plan_player import PlanClients
from tests.trading.engine.brute_force.stored_types import FIRST
from tests.trading.engine.brute_force.trigger_oracle import PlannedRequest
from trading.ledger_audit import find_differences
from trading.models import MarginAction

Kind = MarginAction.Kind


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request, its places among the engine's work, and whether it was accepted."""

    op: PlannedRequest
    places: list[Place]
    accepted: bool


def places_within(begin: int, end: int) -> list[Place]:
    """Return the places in the engine's work on the quotes from `begin` up to `end`."""
    inner = [place for n in range(begin, end) for place in (Place(n), Place(n, hits=True))]
    return [*inner, Place(end)]


class CrowdOutcome:
    """The rows of all accounts of a play."""

    def __init__(self, market: CrowdMarket, clients: PlanClients) -> None:
        self.market, self.clients = market, clients
        self.orders = Outcome(clients, market)

    def result_of(self, number: int, sent: list[SentRequest]) -> AccountResult:
        """Return the account's rows in the oracle's terms."""
        account = Account.objects.get(pk=FIRST + number)
        keys = [key for key in self.clients.orders if key // OF_ACCOUNT == number]
        titles = AccountEvent.objects.filter(login=account.pk, event__0="n")
        return AccountResult(
            events={key: self.orders.events[key] for key in keys},
            standing={key: self.orders.standing[key] for key in keys},
            margin=list(self._margin_events(account)),
            accepted=[request.accepted for request in sent],
            balance=int(account.balance * 100),
            called=account.margin_called,
            stop_outs=titles.filter(event__1="Stop-out").count(),
        )

    def find_wrong_notices(self, number: int) -> Iterator[str]:
        """Yield what is wrong with the account's events: a gap, or a call that is told twice."""
        events = AccountEvent.objects.filter(login=FIRST + number)
        calls = MarginAction.objects.filter(account=FIRST + number, kind=Kind.CALL).count()
        if events.filter(event__0="n", event__1="Margin call").count() != calls:
            yield f"account {number}: not one notice for each of {calls} margin calls"
        seqs = events.order_by("seq").values_list("seq", flat=True)
        if [*seqs] != [*range(1, Account.objects.get(pk=FIRST + number).seq + 1)]:
            yield f"account {number}: its events have a gap"

    def _margin_events(self, account: Account) -> Iterator[MarginEvent]:
        for action in MarginAction.objects.filter(account=account).order_by("id"):
            numbers = [self.market.numbers[quote[4]] for quote in action.quotes.values()]
            match action.kind:
                case Kind.CALL:
                    yield MarginEvent("call", max(numbers))
                case Kind.RECOVERY:
                    yield MarginEvent("recovery")
                case Kind.STOP_OUT:
                    quote = self.market.numbers[action.rules["looked_at"]]
                    yield MarginEvent("stop-out", quote, self.orders.keys[action.trade_id or 0])
                case _:
                    assert action.trade is not None
                    yield MarginEvent("protection", cents=int(action.trade.profit * 100))


def compare_crowds(
    market: CrowdMarket,
    clients: PlanClients,
    planner: CrowdPlanner,
    sent: dict[int, list[SentRequest]],
) -> Iterator[str]:
    """Yield a line for each difference between the rows and the oracle."""
    outcome = CrowdOutcome(market, clients)
    yield from outcome.orders.strangers
    for number, terms in planner.terms.items():
        requests = sent[number]
        found = outcome.result_of(number, requests)
        first: AccountResult | None = None
        for places in product(*(request.places for request in requests)):
            if any(later < earlier for earlier, later in pairwise(places)):
                continue
            oracle = OracleAccount(terms, market.quotes)
            ops = [request.op for request in requests]
            due = oracle.play(list(zip(places, ops, strict=True)), market.feed)
            first = first or due
            if due == found:
                break
        else:
            yield f"account {number}, {terms}:"
            yield from (f"    {request}" for request in requests)
            yield f"  expected {first}"
            yield f"  got      {found}"
        yield from outcome.find_wrong_notices(number)
    yield from (f"ledger: {difference}" for difference in find_differences())
