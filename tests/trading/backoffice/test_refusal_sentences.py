"""Every refusal that a form of the staff can meet is a sentence with figures, at its field."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts import errors as account_errors
from accounts.models import Account, Group, User
from core.clock import now_ms
from core.errors import BrokerError, as_sentence
from market import catalog
from market import errors as market_errors
from market.models import Schedule, Symbol
from market.schedules import DAYS
from market.sessions import timetable
from tests import factories
from tests.backoffice.actions.account_actions import form_data
from tests.backoffice.fixtures import Browser
from trading import errors
from trading.models import Trade
from trading.services.account_terms import OtherCurrency

ALICE = "/admin/accounts/account/100001/do/"
ORDER = "/admin/trading/trade/{long}/do/"
BUY = {"cmd": "0", "symbol": "EURUSD", "lots": "1"}
SELL, LIMIT = {**BUY, "cmd": "1"}, {**BUY, "cmd": "2", "price": "1.05"}


class Case(NamedTuple):
    """What makes the refusal, the form and its answers, the field and the sentence."""

    prepare: Callable[[], object]
    form: str
    answers: dict[str, Any]
    field: str
    sentence: str


def as_it_is() -> None:
    """Change nothing."""


def older_position() -> None:
    """Let Alice's other order be a position that was opened before, where the oldest go first."""
    Group.objects.update(fifo=True)
    Trade.objects.filter(account=100001, cmd=2).update(cmd=0, open_time=1)


def close_market() -> None:
    never = Schedule.objects.create(name="never", **dict.fromkeys(DAYS, ""))
    Symbol.objects.update(schedule=never)
    timetable.clear_timetable()


CASES: dict[type[BrokerError], Case] = {
    errors.BadPrices: Case(
        as_it_is, ALICE + "open-trade/", {**LIMIT, "price": "1.2"}, "price",
        "Price is on the wrong side of the market, which is at 1.11020, or closer to it than "
        "0 points.",
    ),
    errors.BadStops: Case(
        lambda: Symbol.objects.update(stops_level=100), ORDER + "modify/", {"tp": "1.1105"}, "tp",
        "Take profit must be 100 points away from the price: it is 50.",
    ),
    errors.InvalidStops: Case(
        as_it_is, ALICE + "open-trade/", {**BUY, "sl": "1.2"}, "sl",
        "Stop loss is on the wrong side of the price, by 9,000 points.",
    ),
    errors.BadVolume: Case(
        as_it_is, ORDER + "close/", {"lots": "9"}, "lots", "Lots must be from 0.01 to 0.60.",
    ),
    errors.TradeDisabled: Case(
        lambda: Symbol.objects.update(trade=1), ALICE + "open-trade/", BUY, "symbol",
        "EURUSD cannot be opened: its trading is set to “close only”.",
    ),
    errors.NoMoney: Case(
        as_it_is, ALICE + "open-trade/", {**BUY, "lots": "99"}, "lots",
        "The free margin does not suffice: it would be -101,959.86 USD.",
    ),
    errors.LongOnly: Case(
        lambda: Symbol.objects.update(long_only=True), ALICE + "open-trade/", SELL, "cmd",
        "EURUSD can only be bought.",
    ),
    errors.TooManyOrders: Case(
        lambda: Group.objects.update(max_positions=2), ALICE + "open-trade/", BUY, "__all__",
        "The account has 2 orders, open and pending: group {group} allows 2.",
    ),
    errors.HedgeProhibited: Case(
        lambda: Group.objects.update(hedge_allowed=False), ALICE + "open-trade/", SELL, "cmd",
        "Group {group} does not allow positions opposite to order {pending}.",
    ),
    errors.ProhibitedByFifo: Case(
        older_position, ORDER + "close/",
        {"lots": "0.6"}, "__all__",
        "Group {group} closes the oldest position first: that is order {older}.",
    ),
    errors.ExpirationDenied: Case(
        as_it_is, ALICE + "open-trade/", {**LIMIT, "expiration": "2001-01-01T00:00"},
        "expiration", "Expires (UTC) is in the past.",
    ),
    errors.WithdrawalRefused: Case(
        as_it_is, ALICE + "withdraw/", {"amount": "99000"}, "amount",
        "The amount is more than what can be taken out: 9,929.94 USD.",
    ),
    errors.TradeNotFound: Case(
        lambda: User.objects.filter(pk=2).update(managed_groups="none-*"),
        "/admin/market/symbol/EURUSD/do/close-positions/", {}, "__all__",
        "There is no open position.",
    ),
    market_errors.OffQuotes: Case(
        lambda: factories.quote("EURUSD", 1.11, 1.1102, received=now_ms() - 9_000_000),
        ALICE + "open-trade/", BUY, "symbol",
        "The last quote of EURUSD is too old: it came 9,0## seconds ago, of at most {timeout}.",
    ),
    market_errors.MarketClosed: Case(
        close_market, ALICE + "open-trade/", BUY, "symbol",
        "The market of EURUSD is closed: symbol session closed.",
    ),
    account_errors.GroupDisabled: Case(
        lambda: factories.group("shut-usd", enabled=False), ALICE + "terms/",
        {"group": "shut-usd", "leverage": "100"}, "group", "Group shut-usd: the group is disabled.",
    ),
    OtherCurrency: Case(
        lambda: factories.group("new-jpy", currency="JPY"), ALICE + "terms/",
        {"group": "new-jpy", "leverage": "100"}, "group",
        "Group new-jpy has another currency, JPY, and the account has a balance of {balance} USD, "
        "a credit of 0.00 USD and 2 live orders.",
    ),
}  # fmt: skip
CLIENTS_ONLY = "binds the client alone, or a request of the API"
CHECKED_BEFORE = "the page offers no action in this state, and says that somebody was faster"
NOT_MET: dict[type[BrokerError], str] = {
    errors.ReadOnly: CLIENTS_ONLY,
    errors.OrderLocked: CLIENTS_ONLY,
    errors.Requote: CLIENTS_ONLY,
    errors.ModifyForeign: CLIENTS_ONLY,
    errors.IncorrectPendingCmd: CLIENTS_ONLY,
    errors.IncorrectState: CHECKED_BEFORE,
    errors.IncorrectCmd: CHECKED_BEFORE,
    market_errors.SymbolNotFound: "the form offers the symbols that there are",
    market_errors.SymbolNotAllowed: "the form offers the symbols that the group sees",
    market_errors.WatchSymbolNotFound: CLIENTS_ONLY,
    market_errors.TooManyWatched: CLIENTS_ONLY,
    market_errors.FeedNotPush: CLIENTS_ONLY,
    market_errors.FeedBusy: CLIENTS_ONLY,
}


def refusals() -> Iterator[type[BrokerError]]:
    """Yield the refusals of trading and market."""
    kinds = [BrokerError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__ in ("trading.errors", "market.errors"):
            yield kind


def test_every_refusal_is_met_here_or_cannot_be() -> None:
    others = {account_errors.GroupDisabled, OtherCurrency}
    assert set(refusals()) | others == set(CASES) | set(NOT_MET)
    assert not set(CASES) & set(NOT_MET)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_a_refusal_is_a_sentence_with_figures_at_its_field(
    kind: type[BrokerError], book: dict[str, Trade], admin: User, dan: User, browser: Browser
) -> None:
    case = CASES[kind]
    case.prepare()
    client = browser(dan if kind is errors.TradeNotFound else admin)
    catalog.clear_catalog()
    names = {name: str(trade.order) for name, trade in book.items()}
    account = Account.objects.get(pk=100001)
    names |= {"group": account.group.name, "older": names["pending"]}
    names |= {"timeout": f"{Symbol.objects.get(pk='EURUSD').quote_timeout:,}"}
    names |= {"balance": f"{account.balance:,.2f}"}
    answers = dict(case.answers)
    if "group" in answers:
        answers["group"] = Group.objects.get(name=answers["group"]).pk
    found = post(client, case.form.format(**names), answers)
    [(field, [sentence])] = found.items()
    assert field == case.field
    assert re.sub(r"9,0\d\d seconds", "9,0## seconds", sentence) == case.sentence.format(**names)


def post(client: Client, url: str, answers: dict[str, Any]) -> Any:
    """Post the form as it was loaded but for the answers; return the errors."""
    form = client.get(url).context["form"]
    loaded = {name: form[name].value() for name in form.fields}
    sent = {**loaded, **form_data(), **answers}
    sent = {name: value for name, value in sent.items() if value not in (None, "")}
    return client.post(url, sent).context["form"].errors


def test_a_refusal_without_words_for_forms_is_a_sentence() -> None:
    assert errors.ReadOnly().form_message == "The account is read only."
    assert as_sentence("Already one.") == "Already one."
