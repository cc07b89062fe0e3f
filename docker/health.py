"""Whether the process of this container is well: the health check of the image.

`http` asks the health route, `beat NAME` looks for the heartbeat of NAME in Redis, `file PATH`
for a file that was written within the last ten minutes. It loads nothing of the platform, because
it runs every few seconds.
"""  # noqa: INP001 - a script of the image, no package

import http.client
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

LONGEST_SILENCE = 600  # seconds; Celery's beat writes its schedule every three minutes


def http_answers(port: str = "8000") -> bool:
    client = http.client.HTTPConnection("127.0.0.1", int(port), timeout=4)
    client.request("GET", "/healthz")
    return client.getresponse().status == http.HTTPStatus.OK


def beats(process: str) -> bool:
    """Of the engines it is the leader that beats, whichever container it is in."""
    import redis

    file = os.environ.get("REDIS_URL_FILE")
    url = Path(file).read_text().strip() if file else os.environ["REDIS_URL"]
    return bool(redis.Redis.from_url(url, socket_timeout=4).exists(f"alive:{process}"))


def is_written(path: str) -> bool:
    return time.time() - Path(path).stat().st_mtime < LONGEST_SILENCE


CHECKS: dict[str, Callable[..., bool]] = {"http": http_answers, "beat": beats, "file": is_written}

if __name__ == "__main__":
    try:
        well = CHECKS[sys.argv[1]](*sys.argv[2:])
    except Exception as error:  # noqa: BLE001 - whatever it is, the container is not well
        sys.exit(f"{type(error).__name__}: {error}")
    sys.exit(0 if well else f"{' '.join(sys.argv[1:])}: no")
