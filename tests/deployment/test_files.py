"""The files in docker/ are valid, complete and closed to the outside."""

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings

from core.sections import SECTIONS
from tests.config.test_env_example import EXAMPLE, LINE
from tests.deployment import compose
from tests.deployment.compose import DOCKER
from tests.deployment.proxy import CADDYFILE, SINCE, adapted_caddyfile, find_caddy
from tests.runtime.process_helpers import PYTHON, ROOT

SERVICES = compose.services()
JOBS = {"migrate", "backup"}
DOCUMENTED = set(dict(LINE.findall(EXAMPLE.read_text())))
OF_COMPOSE = {"TAG", "BACKUPS"}  # what compose.yml alone reads
LEADERS = {"feed": 1, "engine": 1}  # connections beside the pool
RESERVED = 3  # connections that PostgreSQL keeps for superusers


def test_compose_is_valid_by_the_published_schema() -> None:
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text())
    jsonschema.validate(compose.load_document(), schema)
    broken = compose.load_document()
    broken["services"]["web"]["comand"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_every_process_has_the_needed_number_of_replicas() -> None:
    numbers = {name: s.replicas for name, s in SERVICES.items() if s.is_ours and s.is_permanent}
    assert numbers == {"web": 2, "stream": 2, "worker": 2, "beat": 1, "feed": 1, "engine": 2}
    assert set(SERVICES) - set(numbers) == {*JOBS, "proxy", "postgres", "redis"}


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_every_container_has_the_least_rights_and_limits(service: compose.Service) -> None:
    raw = service.raw
    assert raw["read_only"] is True
    assert raw["cap_drop"] == ["ALL"]
    assert raw["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in raw
    assert set(raw["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert raw["pids_limit"] > 0
    assert raw["stop_signal"] in ("SIGTERM", "SIGINT")
    assert service.grace >= 10
    assert raw["logging"]["options"]["max-size"]
    assert "healthcheck" in raw or service.is_ours
    assert service.name == "proxy" or raw["user"] in ("10001", "postgres", "redis")
    assert "ports" not in raw or service.name == "proxy"


def test_only_workers_and_proxy_are_connected_to_the_outside() -> None:
    networks = compose.load_document()["networks"]
    outside = {name for name, network in networks.items() if not network.get("internal")}
    reaching = {name for name, s in SERVICES.items() if outside & set(s.raw["networks"])}
    assert reaching == {"worker", "proxy"}
    assert "data" not in SERVICES["proxy"].raw["networks"]


def test_services_wait_for_the_migrations_and_these_for_the_database() -> None:
    for service in SERVICES.values():
        if service.is_ours and service.name != "migrate":
            condition = service.raw["depends_on"]["migrate"]["condition"]
            assert condition == "service_completed_successfully"
    assert SERVICES["migrate"].raw["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_secrets_are_files_and_each_one_is_written_by_the_script(tmp_path: Path) -> None:
    known = compose.load_document()["secrets"]
    used = {name for service in SERVICES.values() for name in service.raw.get("secrets", ())}
    assert used == set(known)
    shutil.copy(DOCKER / "secrets.sh", tmp_path)
    subprocess.run([tmp_path / "secrets.sh"], check=True)
    written = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(written) == {Path(secret["file"]).name for secret in known.values()}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert written["postgres_password"] in written["database_url"]
    assert len(written["secret_key"]) == 64
    subprocess.run([tmp_path / "secrets.sh"], check=True)
    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert again == written
    for service in SERVICES.values():
        for name, value in service.environment.items():
            if "/run/secrets/" in value:
                assert name.endswith("_FILE")
                assert Path(value).name in service.raw["secrets"]
            assert not re.search("KEY$|TOKEN$|PASSWORD$|_URL$", name), f"{name} is no file"


def test_every_variable_is_documented() -> None:
    asked = {found[0] for found in compose.PLACEHOLDER.findall(compose.COMPOSE.read_text())}
    assert asked - {""} - OF_COMPOSE <= DOCUMENTED
    for service in SERVICES.values():
        if service.is_ours:
            names = {name.removesuffix("_FILE") for name in service.environment}
            assert names <= DOCUMENTED
    assert {"ENVIRONMENT", "LOCAL_DIR"} <= DOCUMENTED
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert all(f"`{name}`" in operations for name in OF_COMPOSE)


def test_postgresql_has_a_connection_for_every_thread_even_while_upgrading() -> None:
    processes = {"web": 2, "worker": 3}  # in one container
    pool = int(SERVICES["web"].environment["DATABASE_POOL"])
    (most,) = [int(word.partition("=")[2]) for word in SERVICES["postgres"].command[1:]
               if word.startswith("max_connections=")]  # fmt: skip
    needed = sum(
        service.replicas * (processes.get(name, 1) * pool + LEADERS.get(name, 0))
        for name, service in SERVICES.items()
        if service.is_ours
    )
    doubled = sum(SERVICES[name].replicas * processes.get(name, 1) for name in ("web", "stream"))
    assert needed + doubled * pool + RESERVED <= most


def test_redis_refuses_writes_instead_of_evicting_keys() -> None:
    text = (DOCKER / "redis.conf").read_text()
    for line in ("appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction"):
        assert f"\n{line}\n" in text
    limit = SERVICES["redis"].raw["deploy"]["resources"]["limits"]["memory"]
    assert (limit, "\nmaxmemory 1gb\n" in text) == ("1536M", True)  # half as much for rewriting


def test_the_image_holds_only_the_code() -> None:
    sources = [source for found, _ in compose.copies() for source in found]
    assert all((ROOT / source).exists() for source in sources)
    assert {*SECTIONS, "platform", "manage.py"} <= set(sources)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert allowed == {source.lstrip("/") for source in sources}


def test_the_image_runs_as_an_unprivileged_user() -> None:
    lines = compose.instructions()
    last = max(i for i, (name, _) in enumerate(lines) if name == "FROM")
    assert ("USER", "10001") in lines[last:]
    assert ("STOPSIGNAL", "SIGTERM") in lines[last:]
    assert sum(name == "FROM" for name, _ in lines) == 3


@pytest.mark.parametrize(
    "service", [s for s in SERVICES.values() if s.is_ours], ids=lambda s: s.name
)
def test_every_program_is_one_that_the_requirements_bring(service: compose.Service) -> None:
    assert service.command[0] in ("python", "granian", "daphne", "celery")
    assert shutil.which(service.command[0], path=str(Path(PYTHON).parent))


def test_caddy_accepts_the_shipped_file(tmp_path: Path) -> None:
    for routed in ("dynamic a web 8000", "dynamic a stream 8000", "path /ws /ws/"):
        assert routed in CADDYFILE.read_text()
    caddy = find_caddy()
    if caddy:
        file = tmp_path / "Caddyfile"
        file.write_text(adapted_caddyfile(caddy))
        words = ["validate", "--config", str(file), "--adapter", "caddyfile"]
        environment: dict[str, Any] = {"ALLOWED_HOSTS": "a.example, b.example"}
        where = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
        done = subprocess.run(
            [caddy, *words], env={**environment, **where}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def test_the_proxy_buffers_whole_bodies_and_has_time_limits() -> None:
    """Every route buffers bodies whole: one that breaks off is an error, never a shorter body."""
    text = CADDYFILE.read_text()
    sizes = [int(size) * 2**20 for size in re.findall(r"\bmax_size (\d+)MiB", text)]
    assert sizes == [settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.JSON_MAX_BYTES]
    (buffer,) = re.findall(r"\brequest_buffers (\d+)MiB", text)
    assert max(sizes) < int(buffer) * 2**20
    snippet = text[text.index("(replicas) {") : text.index("{$ALLOWED_HOSTS}")]
    assert "request_buffers" in snippet
    assert text.count("\treverse_proxy ") == text.count("\t\timport replicas") == 3
    for name in ("read_header", "read_body", "write_idle", "idle"):
        assert re.search(rf"^\t\t\t{name} \d+[sm]\b", text, re.MULTILINE), name
    assert "protocols h1 h2 " in text
    assert not any("udp" in port for port in SERVICES["proxy"].raw["ports"])
    image = re.match(r"caddy:(\d+)\.(\d+)\.(\d+)-", SERVICES["proxy"].raw["image"])
    assert image
    assert tuple(map(int, image.groups())) >= max(SINCE)


def test_static_files_are_served_by_the_web_server_without_django() -> None:
    """The mounted folder is the one that collectstatic fills; the address is Django's."""
    words = SERVICES["web"].command
    assert f"--static-path-route=/{settings.STATIC_URL.strip('/')}" in words
    assert "--static-path-mount=/app/staticfiles" in words
    places = (ROOT / "platform" / "config" / "settings.py").read_text()
    assert 'STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION' in places
