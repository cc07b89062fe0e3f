"""The committed OpenAPI document equals the one generated from the routes."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command


def test_the_committed_schema_has_not_drifted() -> None:
    made = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=made)
    committed = Path(settings.BASE_DIR, "docs", "openapi.yaml").read_text(encoding="utf-8")
    assert made.getvalue().strip() == committed.strip(), (
        "run: manage.py spectacular --file docs/openapi.yaml"
    )
