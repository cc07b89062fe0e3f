"""The documents are checked where possible: links, named files, codes and statuses."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.api.notification_views import NOTIFICATION_COLUMNS
from accounts.enums import FloatingMode, SessionType
from alerts.api.tables import ALERT_COLUMNS, LOG_COLUMNS
from alerts.enums import AlertSide, AlertStatus, Condition, RepeatMode
from alerts.events import AlertEvent
from api.errors import CODE_OF_STATUS, status_of
from api.views import LIMIT_COLUMNS
from market.api.assets import SHORT_COLUMNS
from market.enums import (
    ExecutionMode,
    MarginMode,
    MarketReason,
    MarketState,
    ProfitMode,
    Refusal,
    TradeMode,
)
from realtime.events.types import (
    EventCode,
    NotificationEvent,
    NotificationLevel,
    NotificationStatus,
    NotificationType,
    StoredItemEvent,
)
from scripts.querysets import STRUCTURE as SCRIPT
from settings_app.querysets import STRUCTURE as SETTING
from tests.error_codes import client_errors
from trading.api.trades_table import STRUCTURE as TRADE
from trading.enums import Activation, Cmd, LevelType, Reason, State, TradeType
from trading.events import BalanceEvent, TradeEvent

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CODES = DOCS / "contract" / "codes.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
ADR = DOCS / "adr"
DECISIONS = sorted(ADR.glob("[0-9]*.md"))
# Decisions name files as they were called at the time.
CURRENT = [path for path in DOCUMENTS if path not in DECISIONS]

TAGS = {
    "money", "trading", "engine", "feed", "alerts", "stream", "api", "accounts", "staff",
    "operations", "tests", "database", "code",
}  # fmt: skip
HEADER = re.compile(
    r"# (?P<number>\d{4}) (?P<title>.+)\n\n"
    r"Date: (?P<date>\d{4}-\d\d-\d\d)\n"
    r"Status: (?:accepted|superseded by (?P<by>\d{4}))\n"
    r"Tags: (?P<tags>.+)\n\n"
)
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
NAMED_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/(?:[\w-]+\.(?:py|md|toml|ya?ml|txt|sh|json))?)`")
HERE = re.compile(r"(?<![\w.])/(?:work|tmp|root|home)/")
CODE_ROW = re.compile(r"^\|(?: *\d+ *\|)? *`([A-Z_]+)` *\|([^|]*)\|", re.MULTILINE)
ENUMS = [
    Activation, Cmd, Condition, EventCode, ExecutionMode, FloatingMode, LevelType, MarginMode,
    MarketReason, MarketState, ProfitMode, Reason, RepeatMode, SessionType, AlertSide, State,
    AlertStatus, NotificationLevel, NotificationStatus, NotificationType, TradeMode, TradeType,
]  # fmt: skip
# No file of the repository: made by the tests or by whoever runs the platform.
MADE = (".venv/", ".local/", "docker/secrets/", "docker/backups/")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(document: Path) -> set[str]:
    """The names that GitHub gives to the headings: lower case, blanks to hyphens, no signs."""
    headings = HEADING.findall(FENCED.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-") for text in headings}


def broken_links(document: Path) -> Iterator[str]:
    for target in LINK.findall(FENCED.sub("", document.read_text())):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            yield target


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_every_relative_link_leads_to_a_file_and_heading(document: Path) -> None:
    assert list(broken_links(document)) == []


@pytest.mark.parametrize("document", CURRENT, ids=relative)
def test_every_named_file_and_folder_exists(document: Path) -> None:
    names = [n for n in NAMED_FILE.findall(document.read_text()) if not n.startswith(MADE)]
    starts = (ROOT, ROOT / "platform", document.parent)
    missing = [name for name in names if not any((start / name).exists() for start in starts)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_no_document_names_a_path_of_a_developers_machine(document: Path) -> None:
    assert HERE.findall(document.read_text()) == []


def header_of(decision: Path) -> re.Match[str]:
    header = HEADER.match(decision.read_text())
    assert header, f"{decision.name} does not begin like template.md"
    return header


def row_of(decision: Path) -> str:
    header = header_of(decision)
    link = f"[{header['number']}]({decision.name})"
    return f"| {link} | {header['title']} | {header['tags']} | {header['date']} |"


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_every_decision_has_the_header_and_sections_of_the_template(decision: Path) -> None:
    header = header_of(decision)
    assert re.fullmatch(rf"{header['number']}(-[a-z0-9]+)+\.md", decision.name)
    assert set(header["tags"].split(", ")) <= TAGS
    assert header["by"] is None or list(ADR.glob(f"{header['by']}-*.md"))
    sections = re.findall(r"^## (.+)$", decision.read_text(), re.MULTILINE)
    assert sections in (["Context", "Decision"], ["Context", "Decision", "Refused"])


def test_the_decisions_are_numbered_by_date_without_a_gap() -> None:
    headers = [header_of(decision) for decision in DECISIONS]
    assert [int(header["number"]) for header in headers] == list(range(1, len(headers) + 1))
    assert [header["date"] for header in headers] == sorted(header["date"] for header in headers)


def test_the_index_lists_exactly_the_decisions() -> None:
    index = (ADR / "README.md").read_text()
    rows = [line for line in index.splitlines() if line.startswith("| [")]
    assert rows == [row_of(path) for path in DECISIONS]
    assert {tag for tag in TAGS if f"`{tag}`" in index} == TAGS
    stray = {path.name for path in ADR.iterdir()} - {path.name for path in DECISIONS}
    assert stray == {"README.md", "template.md"}


def statuses_of_the_code() -> dict[str, set[int]]:
    """Every code that the platform has, with the statuses that it is answered with."""
    found: dict[str, set[int]] = defaultdict(set)
    for error in client_errors():
        found[error.code].add(status_of(error))
    for status, code in CODE_OF_STATUS.items():
        found[code].add(status)
    return dict(found)


def codes_of(*sections: str) -> dict[str, str]:
    """Code and second cell of each row of these sections of codes.md."""
    text = CODES.read_text()
    found: dict[str, str] = {}
    for section in sections:
        _, heading, after = text.partition(f"\n## {section}\n")
        assert heading, f"{CODES.name} has no section {section}"
        found |= dict(CODE_ROW.findall(after.partition("\n## ")[0]))
    return found


def test_the_contract_lists_exactly_the_codes_and_statuses() -> None:
    answered = codes_of("Codes without RET_", "RET_ codes that the client API can answer")
    elsewhere = codes_of("Codes on the stream", "Reserved names")
    documented = {
        code: {int(n) for n in re.findall(r"\d+", cell)} for code, cell in answered.items()
    }
    known = statuses_of_the_code()
    assert {code: known[code] for code in set(known) - set(elsewhere)} == documented
    assert set(answered) & set(elsewhere) == set()


def test_every_stream_code_is_an_error_class() -> None:
    assert set(codes_of("Codes on the stream")) - set(statuses_of_the_code()) == set()


def test_every_route_is_in_the_contract() -> None:
    routes = re.findall(r"^  (/[^ :]+):$", (DOCS / "openapi.yaml").read_text(), re.MULTILINE)
    text = (DOCS / "contract" / "rest.md").read_text()
    assert routes
    assert [
        route for route in routes if not re.search(re.escape(route) + r"(?![\w/{])", text)
    ] == []


def test_every_ret_code_has_its_public_number_once() -> None:
    rows = re.findall(r"^\| *(\d+) *\| *`(\w+)`", CODES.read_text(), re.MULTILINE)
    names = codes_of("RET_ codes that the client API can answer")
    assert sorted(name for _, name in rows) == sorted(names)
    assert len({number for number, _ in rows}) == len(names)


@pytest.mark.parametrize(
    "columns",
    [
        ALERT_COLUMNS,
        LOG_COLUMNS,
        LIMIT_COLUMNS,
        NOTIFICATION_COLUMNS,
        SCRIPT,
        SETTING,
        SHORT_COLUMNS,
        TRADE,
    ],
    ids=lambda columns: columns[0],
)
def test_the_columns_of_a_table_are_the_contracts(columns: tuple[str, ...]) -> None:
    text = " ".join((DOCS / "contract" / "rest.md").read_text().split())
    assert ", ".join(columns) in text


@pytest.mark.parametrize(
    "event", [AlertEvent, BalanceEvent, NotificationEvent, StoredItemEvent, TradeEvent]
)
def test_the_fields_of_a_frame_are_the_contracts(event: Any) -> None:
    text = (DOCS / "contract" / "stream.md").read_text()
    assert f'`"{event.letter}", {", ".join(event.__match_args__)}`' in text


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_the_values_of_an_enum_are_the_contracts(enum: Any) -> None:
    text = CODES.read_text().partition("\n## Codes")[0].lower()
    values = [f"{int(each)} {getattr(each, 'label', each.name)}".lower() for each in enum]
    assert [value for value in values if value not in text] == []


def test_the_reasons_of_a_refused_quote_are_the_contracts() -> None:
    text = CODES.read_text()
    assert [reason for reason in Refusal.values if f"`{reason}`" not in text] == []
