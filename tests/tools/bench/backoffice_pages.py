"""`make bench`, the backoffice: every page over the load database, as it is served.

The pages are those that an administrator can reach: the list of every model, its newest row and
its oldest one with their live parts, the client with the most trades, and one link of each kind
from there.
"""

import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import orjson
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from accounts.models import Account
from core import redis
from core.clock import now_ms
from market.models import Symbol
from tests import factories
from tests.backoffice.roles.link_walk import Walk, row_addresses, visible_addresses
from tests.load_data.command import FIRST_LOGIN
from tests.tools.bench.engine import table_line
from trading.engine.book_summary import SUMMARY_KEY, summarize_book
from trading.engine.engine import Engine
from trading.models import Trade

ROUNDS = 5
AIM = 150  # ms of server time
LIST_AIM = 60  # KB of the list of trades, as it is sent
SLOWEST = 20  # pages that are named
TRADES = "/admin/trading/trade/"
BUSIEST = FIRST_LOGIN  # the account with the most trades
FILES = re.compile(r"/export/|/statement/\d+/\w+/$|/(un)?publish|logout|/history/")
SPREAD = 1.0001  # of the quotes
QUERIES = (
    *(f"{TRADES}?kind={kind}" for kind in ("open", "pending", "closed", "finance")),
    *(f"{TRADES}?kind=open&sort={sort}" for sort in ("worst", "best", "largest")),
    f"{TRADES}?kind=open&account__group__id__exact=1",
    *(f"{TRADES}?kind={kind}&q={BUSIEST}" for kind in ("open", "closed", "finance")),
    *(f"{TRADES}report/?grouping={one}" for one in ("group", "symbol", "client")),
    *(f"/admin/search/?s={term}" for term in ("müller", "ada bec", "EURUSD", "1000200", "7919")),
    *(f"/admin/{page}/?q=kowalski" for page in ("accounts/account", "trading/trade")),
)


def write_market() -> None:
    """Publish a quote of every symbol, and the sums of the book as an engine sends them."""
    symbols = Symbol.objects.exclude(demo_price=0)
    factories.publish(
        *((s.name, float(s.demo_price), float(s.demo_price) * SPREAD) for s in symbols)
    )
    engine = Engine()
    engine.load()
    groups = summarize_book(engine.margin.book)
    document = {"time": now_ms(), "batch": 0, "shards": 1, "groups": groups}
    data = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    redis.sync_client().set(f"{SUMMARY_KEY}0", data)


def find_pages(client: Client) -> list[str]:
    """Return a URL of every kind of page."""
    walk = Walk(client)
    busiest = Account.objects.get(pk=BUSIEST)
    newest = Trade.objects.filter(account=busiest).latest("pk")
    for url in (
        *visible_addresses(),
        *row_addresses("accounts.account", Account, busiest),
        *row_addresses("accounts.user", type(busiest.user), busiest.user),
        *row_addresses("trading.trade", Trade, newest),
        reverse("admin:trading_statement", args=[BUSIEST]),
    ):
        walk.open(url)
    kinds = {route_of(url) for url in walk.answers}
    for link in [*walk.offered]:
        if not FILES.search(link) and (kind := route_of(link)) not in kinds:
            kinds.add(kind)
            walk.open(link)
    return [*(url for url, answer in walk.answers.items() if answer == 200), *QUERIES]


def route_of(url: str) -> str:
    """Return the name of a page's route, with the action of a form."""
    try:
        found = resolve(url)
    except Resolver404:
        return url
    return f"{found.view_name} {found.kwargs.get('action', '')}"


def measure_pages(client: Client) -> None:
    """Print the pages whose median is longest, and the weight of the list of trades."""
    pages = find_pages(client)
    medians = sorted(
        ((statistics.median(measure_page(client, url)), url) for url in pages), reverse=True
    )
    typical = statistics.median(median for median, _ in medians)
    late = sum(median * 1e3 > AIM for median, _ in medians)
    table_line(f"{len(pages)} pages", f"median {typical * 1e3:.0f} ms, {late} over {AIM} ms", "0")
    for median, url in medians[:SLOWEST]:
        table_line(f"  {url.removeprefix('/admin')}", f"{median * 1e3:.0f} ms", f"<= {AIM}")
    weight = len(get_page(client, TRADES).content) / 1024
    table_line("the list of trades, compressed", f"{weight:.0f} KB", f"<= {LIST_AIM}")


def measure_page(client: Client, url: str) -> Iterator[float]:
    """Yield the server's seconds for the page; a first request fills the caches."""
    get_page(client, url)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        get_page(client, url)
        yield time.perf_counter() - began


def get_page(client: Client, url: str) -> Any:
    """Return the answer to a browser, compressed."""
    answer: Any = client.get(url, headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200, (url, answer.status_code)
    return answer
