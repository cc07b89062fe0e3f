"""`make bench`, REST: our routes beside a floor and a peer on the same server, in turns.

`make bench SERVER=granian` measures on another one of `rig.SERVERS`; `SERVER=all` measures
nothing but our routes, on every one of them in turns: by that the server was chosen.
"""

import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from typing import NamedTuple

from tests.tools.bench import aims, rest_after_writes, rig
from tests.tools.bench.servers import bench_servers

ROUNDS = 3
KEYED = {"BENCH_KEYS": "1"}


class Case(NamedTuple):
    """What is asked of each side; `aim` is that beside the floor."""

    path: str
    aim: str
    script: str = ""
    environment: Mapping[str, str] = {}

    @property
    def has_peer(self) -> bool:
        return not self.script


CASES = {
    "GET /trades (50 open)": Case("/trades?limit=1000&offset=0&tradeType=1", "trades"),
    "GET /account/me": Case("/account/me", "me"),
    "GET /market/short/list (100)": Case("/market/short/list", "short"),
    "POST /trade/open + DELETE /trade/close": Case("/trade/open", "writes", "trade.lua"),
    "  with idempotency keys": Case("/trade/open", "keyed writes", "trade.lua", KEYED),
}


def main(server: str) -> None:
    """Start private servers, then measure every case in alternating rounds."""
    with bench_servers():
        from django.conf import settings

        from tests.tools.bench import rest_rows

        rest_rows.write_rows()
        if server == "all":
            compare_servers(list(CASES))
        else:
            measure(server, str(settings.DATABASE_URL))


def measure(server: str, database: str) -> None:
    """Print requests a second and the ratios of the medians."""
    with ExitStack() as stack:
        ports = {
            side: stack.enter_context(rig.serve(server, side, FLOOR_DATABASE=database))
            for side in rig.APPLICATIONS
        }
        print(f"{server}: requests/s, medians of {ROUNDS} alternating rounds")  # noqa: T201
        for name, case in CASES.items():
            figures: dict[str, list[float]] = defaultdict(list)
            for _ in range(ROUNDS):
                publish_quotes()
                for side, port in ports.items():
                    if side != "peer" or case.has_peer:
                        figures[side].append(measure_case(side, port, case))
            medians = {side: statistics.median(found) for side, found in figures.items()}
            print_line(name, medians, case.aim)
        rest_after_writes.measure(ports, own_token(""), publish_quotes)


def measure_case(side: str, port: int, case: Case) -> float:
    """Return one round's requests a second of a side."""
    token = peer_token() if side == "peer" else own_token(case.script)
    path = case.path.partition("?")[0] if side == "floor" else case.path
    return rig.requests_per_second(port, path, token, case.script, **case.environment)


def compare_servers(names: list[str]) -> None:
    """Print what our routes reach on each server."""
    with ExitStack() as stack:
        ports = {server: stack.enter_context(rig.serve(server, "ours")) for server in rig.SERVERS}
        print(f"ours on each server: requests/s, medians of {ROUNDS} alternating rounds")  # noqa: T201
        for name in names:
            case = CASES[name]
            figures: dict[str, list[float]] = defaultdict(list)
            for _ in range(ROUNDS):
                publish_quotes()
                for server, port in ports.items():
                    figures[server].append(measure_case("ours", port, case))
            reached = (f"{server} {statistics.median(f):5.0f}" for server, f in figures.items())
            print(f"{name:40} {'  '.join(reached)}", flush=True)  # noqa: T201


def publish_quotes() -> None:
    """Publish new quotes of all symbols, so that none is stale."""
    from market.models import Symbol
    from tests.tools.bench import rest_rows

    rest_rows.publish_quotes(list(Symbol.objects.all()))


def own_token(script: str) -> str:
    """Return a session of ours: writes have an account of their own."""
    from core.session_tokens import SessionToken
    from tests.tools.bench.rig import READER, WRITER

    return str(SessionToken.issue(WRITER if script else READER, 0, 1))


def peer_token() -> str:
    """Return a token as stock simplejwt makes it."""
    from rest_framework_simplejwt.tokens import AccessToken

    from tests.tools.bench.rig import READER

    token = AccessToken()
    token["login"] = READER
    return str(token)


def print_line(name: str, median: dict[str, float], aim: str) -> None:
    """Print one line of the table."""
    share = median["ours"] / median["floor"]
    aims.record(aim, share)
    bounds = [aims.AIMS[aim].text]
    line = f"{name:40} ours {median['ours']:7.0f}  floor {median['floor']:7.0f}"
    line += f"  {share:5.0%} of the floor"
    if "peer" in median:
        times = median["ours"] / median["peer"]
        aims.record(f"{aim}/peer", times)
        bounds.append(aims.AIMS[f"{aim}/peer"].text)
        line += f"  peer {median['peer']:6.0f}  {times:4.1f} x the peer"
    print(f"{line}  ({', '.join(bounds)})", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "granian")
