"""`make bench`, the backoffice: every page over five million trades, lists beside an empty one."""

import statistics
import sys
import time
from typing import Any

from tests.tools.bench.engine import table_line
from tests.tools.bench.servers import bench_servers

ROUNDS = 9
EMPTY = "market/holiday"
BIG = (
    "accounts/user", "accounts/account", "trading/trade", "trading/fill", "alerts/alert",
    "alerts/alertlog", "alerts/delivery",
)  # fmt: skip
MOST = 5  # times the empty list
SLOWEST = 8  # that are named


def main(*sizes: str) -> None:
    """Seed private servers and measure; `sizes` are options of `tests.load_data`."""
    with bench_servers():
        from django.core.management import call_command

        from tests.load_data.command import Command

        began = time.perf_counter()
        call_command(Command(), *sizes)
        table_line("tests.load_data", f"{time.perf_counter() - began:.0f} s")
        call_command("check_ledger")
        measure()


def measure() -> None:
    """Print the times of pages, lists beside an empty one, and of all that lists offer."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User
    from tests.tools.bench import backoffice_pages

    settings.ALLOWED_HOSTS = ["*"]
    admin, client = User.objects.get(pk=1), Client()
    client.force_login(admin)
    backoffice_pages.write_market()
    backoffice_pages.measure_pages(client)
    measure_lists(client)
    measure_offers(admin)


def measure_lists(client: Any) -> None:
    """Measure the pages as served, in turns: queries, templates and all."""
    times: dict[str, list[float]] = {name: [] for name in (EMPTY, *BIG)}
    for number in range(ROUNDS + 1):
        for name, found in times.items():
            began = time.perf_counter()
            answer = client.get(f"/admin/{name}/")
            assert answer.status_code == 200, name
            if number:  # the first fills the caches
                found.append(time.perf_counter() - began)
    medians = {name: statistics.median(found) for name, found in times.items()}
    empty = medians.pop(EMPTY)
    table_line("an empty admin list", f"{empty * 1e3:.0f} ms")
    for name, median in medians.items():
        table_line(f"  {name}", f"{median * 1e3:.0f} ms, {median / empty:.1f} x", f"<= {MOST}")
    typical = statistics.median(medians.values())
    table_line("the median list", f"{typical / empty:.1f} x", f"<= {MOST}")


def measure_offers(admin: Any) -> None:
    """Measure the database's time for everything that the lists offer; the second try counts."""
    from django.contrib import admin as site

    from tests.backoffice.pages import list_queries

    times: list[tuple[float, str]] = []
    for model, page in site.site._registry.items():
        if getattr(page, "small", False):
            continue
        for query in list_queries.offered_queries(model, admin):
            for _ in range(2):
                rows = list_queries.changelist_for(model, admin, query).result_list
                began = time.perf_counter()
                list(rows.all() if hasattr(rows, "all") else rows)
                spent = time.perf_counter() - began
            times.append((spent, f"{model._meta.label} {query}"))
    times.sort(reverse=True)
    median = statistics.median(spent for spent, _ in times)
    table_line(f"{len(times)} filters, searches, orders", f"median {median * 1e3:.1f} ms")
    for spent, name in times[:SLOWEST]:
        table_line(f"  {name}", f"{spent * 1e3:.0f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:])
