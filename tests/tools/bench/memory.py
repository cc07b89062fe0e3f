"""`make bench`, memory: how far one web worker grows while a client reads its longest lists.

Eight readers at once read each list whole, one list after another, each on a new worker as
production runs it (granian, two blocking threads). Growth is the peak of resident memory during the
reads over what the worker had after one small read; `after` is what it has kept.
"""

import threading
from http.client import HTTPConnection
from pathlib import Path

import psutil

from tests.tools.bench.servers import bench_servers

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
    with bench_servers():
        from tests.tools.bench import memory_rows, rest_rows, rig

        rest_rows.write_rows()
        memory_rows.write_rows(rig.READER, TRADES)
        token = memory_rows.issue_token(rig.READER)
        print(f"one worker's memory under {READERS} readers at once, MiB")  # noqa: T201
        print(f"{'list':12} {'answer':>8} {'before':>8} {'peak':>8} {'growth':>8} {'after':>8}")  # noqa: T201
        for name, path in LISTS.items():
            with rig.serve("granian", "ours") as port:
                read_length(port, "/account/balance", token)
                worker = worker_pid(port)
                before = memory_of(worker, "VmRSS")
                Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak begins anew
                size = read_concurrently(port, path, token)
                peak, after = memory_of(worker, "VmHWM"), memory_of(worker, "VmRSS")
            figures = (size / MIB, before, peak, peak - before, after)
            print(f"{name:12} " + " ".join(f"{figure:8.1f}" for figure in figures), flush=True)  # noqa: T201


def read_concurrently(port: int, path: str, token: str) -> int:
    """Return what each of the readers gets, in bytes."""
    sizes: list[int] = []
    readers = [
        threading.Thread(target=lambda: sizes.append(read_length(port, path, token)))
        for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return max(sizes)


def read_length(port: int, path: str, token: str) -> int:
    """Return the length of one answer; report other statuses than 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        print(f"{path}: {answer.status} {body[:200]!r}")  # noqa: T201
    return len(body)


def worker_pid(port: int) -> int:
    """Return the process that serves: the child of the one that listens."""
    listeners = {
        each.pid for each in psutil.net_connections("tcp") if each.laddr and each.laddr.port == port
    }
    heads = [psutil.Process(pid) for pid in listeners if pid]
    workers = [child for head in heads for child in head.children(recursive=True)] + heads
    return max(workers, key=lambda process: process.memory_info().rss).pid


def memory_of(pid: int, name: str) -> float:
    """Return a figure of the process's status, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / KIB
    raise LookupError(name)


if __name__ == "__main__":
    main()
