"""Strangers' clients are generated from the OpenAPI document alone; one signs in and trades."""

import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from accounts.models import Account
from market.models import Symbol

pytestmark = pytest.mark.usefixtures("one_connection")
DOCUMENT = settings.BASE_DIR / "docs" / "openapi.yaml"
TYPESCRIPT = shutil.which("openapi-typescript")
PACKAGE = "generated_client"
PASSWORD = "demo1234"
# Pictures are bytes to it, and the hooks only format what it wrote.
CONFIG = """
content_type_overrides:
  image/svg+xml: application/octet-stream
  image/*: application/octet-stream
post_hooks: []
"""


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """The name of a package that was generated without a warning, and can be imported."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *("--meta", "none", "--config", str(config), "--path", str(DOCUMENT)),
            *("--output-path", str(tmp_path / PACKAGE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(tmp_path))
    yield PACKAGE
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_a_generated_client_signs_in_trades_and_sets_an_alert(
    package: str, alice: Account, eurusd: Symbol
) -> None:
    alice.user.set_password(PASSWORD)
    alice.user.save()

    models = importlib.import_module(f"{package}.models")

    def call(path: str, client: Any, **values: Any) -> Any:
        route = importlib.import_module(f"{package}.api.{path}")
        answer = route.sync_detailed(client=client, **values)
        assert answer.status_code == 200, answer.content
        return answer.parsed

    def send(path: str, client: Any, model: str, **body: Any) -> Any:
        return call(path, client, body=getattr(models, model).from_dict(body))

    clients = importlib.import_module(f"{package}.client")
    server = {"transport": httpx.WSGITransport(app=get_wsgi_application())}
    where = {"base_url": "http://testserver", "httpx_args": server}
    visitor = clients.Client(**where)
    session = send("auth.post_sign_in", visitor, "SignIn", login=alice.login, password=PASSWORD)
    client = clients.AuthenticatedClient(token=session.field_token, **where)
    order = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
    opened = send("trading.post_trade_open", client, "OpenMarket", **order)
    listed = call(
        "trading.get_trades", client, limit=10, offset=0, trade_type=models.GetTradesTradeType.OPEN
    )
    column = [each.value for each in listed.structure].index("order")
    assert [row[column] for row in listed.rows] == [opened.order]
    assert call("trading.delete_trade_close", client, order=opened.order).close_volume == 10
    alert = {"symbol": "EURUSD", "side": 0, "condition": 2, "repeat_mode": 0, "target_price": 2}
    send("price_alerts.post_price_alert", client, "Save", **alert)
    alerts = call("price_alerts.get_price_alert_list", client)
    assert [row[2] for row in alerts.rows] == ["EURUSD"]


@pytest.mark.skipif(TYPESCRIPT is None, reason="openapi-typescript is not installed")
def test_types_for_typescript_have_the_columns_of_a_row(tmp_path: Path) -> None:
    types = tmp_path / "api.d.ts"
    done = subprocess.run(
        [str(TYPESCRIPT), str(DOCUMENT), "--output", str(types)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in (done.stdout + done.stderr).lower()
    found = re.search(r"get_settings: \{.*?rows: (\[[^\]]*\])\[\];", types.read_text(), re.DOTALL)
    assert found is not None
    assert found[1].split() == ["[", "string,", "string,", "unknown,", "number", "]"]
