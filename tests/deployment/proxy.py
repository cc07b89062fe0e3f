"""Caddy with docker/Caddyfile, on its own ports and before the servers of a test."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.deployment.compose import DOCKER
from tests.runtime.process_helpers import free_port, wait_until

CADDYFILE = DOCKER / "Caddyfile"
ABSENT = "Caddy is absent; on Debian and Ubuntu: apt-get install caddy"
# What the shipped file says in words that older versions do not have, and theirs for it.
BUFFERS = (r"request_buffers (\S+).*", r"buffer_requests\n\tmax_buffer_size \1")
IDLE = (r".*\b(?:read_body_idle|write_idle)\b.*\n", "")
SINCE = {(2, 7, 0): BUFFERS, (2, 11, 7): IDLE}


def find_caddy() -> str | None:
    """Return the program or None; with PROXY_TESTS=required there must be one."""
    program = shutil.which("caddy")
    if not program and os.environ.get("PROXY_TESTS") == "required":
        pytest.fail(ABSENT)
    return program


def version_of(program: str) -> tuple[int, ...]:
    """Return the version, as in `v2.11.7 h1:…` or Debian's `2.6.2`."""
    result = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", result.stdout)
    assert found, result.stdout
    return tuple(map(int, found.groups()))


def adapted_caddyfile(program: str) -> str:
    """Return the file, in the syntax of the installed version if that is older."""
    text, version = CADDYFILE.read_text(), version_of(program)
    for since, (words, older) in SINCE.items():
        assert re.search(words, text), words
        if version < since:
            text = re.sub(words, older, text)
    return text


def unverified_context() -> ssl.SSLContext:
    """Return a TLS context for a certificate that the proxy made itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without the authorities, which take 20 ms
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Proxy:
    """The running proxy. `changed` maps texts of the file to their replacements."""

    def __init__(
        self,
        program: str,
        folder: Path,
        web: list[int],
        stream: list[int],
        changed: dict[str, str] | None = None,
    ) -> None:
        self.port, self.log = free_port(), folder / "caddy.log"
        text = adapted_caddyfile(program)
        local = {"http_port 8080": f"http_port {free_port()}\n\tskip_install_trust"}
        local |= {"https_port 8443": f"https_port {self.port}"}
        for service, ports in (("web", web), ("stream", stream)):
            local[f"dynamic a {service} 8000"] = "to " + " ".join(f"127.0.0.1:{p}" for p in ports)
        for words, instead in (local | (changed or {})).items():
            assert words in text, words
            text = text.replace(words, instead)
        (folder / "Caddyfile").write_text(text)
        home = str(folder / "caddy")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [program, "run", f"--config={folder / 'Caddyfile'}", "--adapter=caddyfile"],
                env={"ALLOWED_HOSTS": "localhost", "HOME": home, "XDG_DATA_HOME": home},
                stdout=log,
                stderr=log,
            )
        try:
            wait_until(self._serves, 30)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    def _serves(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as plain:
                unverified_context().wrap_socket(plain, server_hostname="localhost").close()
        except OSError:
            return False
        return True
