"""`make bench`, memory: how far one web worker grows while a client reads its longest lists.

Eight readers at once read each list whole, one list after another, each on a new worker as
production runs it (granian, two blocking threads). Growth is the peak of resident memory during the
reads over what the worker had after one small read; `after` is what it has kept.
"""

import threading
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.bench.servers import servers

READERS = 8
KIB, MIB = 1024, 1024 * 1024
TRADES = 49_999  # with the deposit as many rows as an answer may have
LISTS = {
    "settings": "/settings",
    "scripts": "/scripts",
    "trades": "/trades?limit=50000&offset=0&tradeType=2",
    "history": "/trades/history/login?from=0&to=4000000000",
    "alerts": "/price_alert/list",
    "alert logs": "/price_alert/logs?limit=50000",
    "changes": "/account/changes?since=0",
}


def main() -> None:
    """Fill one login to its limits, then measure every list."""
    with servers():
        from tests.bench import memory_rows, rig, seed

        seed.seed()
        memory_rows.fill(rig.READER, TRADES)
        token = memory_rows.token(rig.READER)
        print(f"one worker's memory under {READERS} readers at once, MiB")  # noqa: T201
        print(f"{'list':12} {'answer':>8} {'before':>8} {'peak':>8} {'growth':>8} {'after':>8}")  # noqa: T201
        for name, path in LISTS.items():
            with rig.serving("granian", "ours") as port:
                read(port, "/account/balance", token)
                worker = worker_of(port)
                before = memory(worker, "VmRSS")
                Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak begins anew
                size = read_at_once(port, path, token)
                peak, after = memory(worker, "VmHWM"), memory(worker, "VmRSS")
            figures = (size / MIB, before, peak, peak - before, after)
            print(f"{name:12} " + " ".join(f"{figure:8.1f}" for figure in figures), flush=True)  # noqa: T201


def read_at_once(port: int, path: str, token: str) -> int:
    """Return what each of the readers gets, in bytes."""
    sizes: list[int] = []
    readers = [
        threading.Thread(target=lambda: sizes.append(read(port, path, token)))
        for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return max(sizes)


def read(port: int, path: str, token: str) -> int:
    """Return the length of one answer; report other statuses than 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        print(f"{path}: {answer.status} {body[:200]!r}")  # noqa: T201
    return len(body)


def worker_of(port: int) -> int:
    """Return the process that serves: the child of the one that listens."""
    listeners = {
        each.pid for each in psutil.net_connections("tcp") if each.laddr and each.laddr.port == port
    }
    heads = [psutil.Process(pid) for pid in listeners if pid]
    workers = [child for head in heads for child in head.children(recursive=True)] + heads
    return max(workers, key=lambda process: process.memory_info().rss).pid


def memory(pid: int, name: str) -> float:
    """Return a figure of the process's status, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / KIB
    raise LookupError(name)


if __name__ == "__main__":
    main()
