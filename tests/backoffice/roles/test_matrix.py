"""Permissions of every role on every page and action, requested over HTTP.

A page, action, tile or panel without a line in these tables fails. Who gets in is decided before
a template renders, so none does here; `test_links.py` opens the pages that the roles see.
"""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from accounts.enums import SessionType
from accounts.models import Account, User
from backoffice.actions import registry
from backoffice.widgets import dashboard
from tests.backoffice.roles import matrix_visitor
from tests.backoffice.roles.matrix_rows import Rows, create_rows
from tests.backoffice.roles.matrix_tables import LIST_ACTIONS, STAFF
from tests.backoffice.tile_reader import read_tiles
from tests.conftest import staff
from trading.models import Trade

# A superuser, the roles administrator, manager, dealer and support, and staff without a role.
ROLES = {
    "S": ("Sue", SessionType.ADMIN, ()),
    "A": ("Ann", SessionType.MANAGER, ("administrator",)),
    "M": ("Mary", SessionType.MANAGER, ("manager",)),
    "D": ("Dora", SessionType.DEALER, ("dealer",)),
    "C": ("Cora", SessionType.MANAGER, ("support",)),
    "N": ("Nora", SessionType.MANAGER, ()),
}
ALL = "SAMDCN"
# A refusal as JSON, not as a page with the menu, which thousands of refusals would draw.
SHORT_REFUSALS = {"Accept": "application/json"}
HISTORY = "SAM"  # of every row: its entries in the audit
DELETE = ""  # nobody, anything
PAGES = {
    #                       list, page  export  change  add
    "accounts.account":     ("SAMDC",   "SAMD", "",     ""),
    "accounts.group":       ("SAMC",    "SAM",  "SA",   "S"),
    "accounts.user":        ("SAMC",    "SAM",  "SAM",  ""),
    "alerts.address":       ("SAMC",    "SAM",  "",     ""),
    "alerts.alert":         ("SAMC",    "SAM",  "",     ""),
    "alerts.alertlog":      ("SAMC",    "SAM",  "",     ""),
    "alerts.delivery":      ("SAMC",    "SAM",  "",     ""),
    "audit.entry":          ("SAM",     "SAM",  "",     ""),
    "audit.signin":         ("SAM",     "SAM",  "",     ""),
    "auth.group":           ("S",       "S",    "",     "S"),  # changes: its own roles
    "backoffice.approval":  ("SAM",     "SAM",  "",     ""),
    "backoffice.outgoingmail": ("SA",   "SA",   "",     ""),
    "market.groupschedule": ("SAMDC",   "SAMD", "SAD",  "SAD"),
    "market.groupterms":    ("SAMDC",   "SAMD", "SAD",  "SAD"),
    "market.holiday":       ("SAMDC",   "SAMD", "SAD",  "SAD"),
    "market.lastquote":     ("SAMDC",   "SAMD", "",     ""),
    "market.schedule":      ("SAMDC",   "SAMD", "SAD",  "SAD"),
    "market.symbol":        ("SAMDC",   "SAMD", "SAD",  "S"),
    "market.symbolgroup":   ("SAMDC",   "SAMD", "SAD",  "S"),
    "scripts.script":       ("SA",      "SA",   "",     ""),
    "settings_app.setting": ("SA",      "SA",   "",     ""),
    "trading.fill":         ("SAMDC",   "SAMD", "",     ""),
    "trading.marginaction": ("SAMDC",   "SAMD", "",     ""),
    "trading.rollover":     ("SAMDC",   "SAMD", "",     ""),
    "trading.swapcharge":   ("SAMDC",   "SAMD", "",     ""),
    "trading.trade":        ("SAMDC",   "SAMD", "",     ""),
}  # fmt: skip
ACTIONS = {
    "accounts.account/open": "SAM",
    "accounts.account/disable": "SAM",
    "accounts.account/enable": "SAM",
    "accounts.account/read-only": "SAM",
    "accounts.account/trade-again": "SAM",
    "accounts.account/reset-password": "SAM",
    "accounts.account/end-sessions": "SAM",
    "accounts.account/deposit": "SAM",
    "accounts.account/withdraw": "SAM",
    "accounts.account/credit-in": "SAM",
    "accounts.account/credit-out": "SAM",
    "accounts.account/terms": "SAM",
    "accounts.account/open-trade": "SAD",
    "accounts.account/close-all": "SAD",
    "accounts.account/cancel-all": "SAD",
    "market.symbol/pause": "SAD",
    "market.symbol/resume": "SAD",
    "market.symbol/close-positions": "SAD",
    "market.symbol/cancel-orders": "SAD",
    "accounts.account/send-statement": "SAMC",
    "alerts.address/send_again": "SAMC",
    "alerts.alert/send_again": "SAMC",
    "alerts.alertlog/send_again": "SAMC",
    "alerts.delivery/send_again": "SAMC",
    "trading.trade/close": "SAD",
    "trading.trade/modify": "SAD",
    "trading.trade/cancel": "SAD",
    "trading.trade/correct": "SAM",
    "trading.trade/reverse": "SAM",
    "accounts.user/reset_second_factor": "S",
    "accounts.user/unlock": "S",
    "accounts.user/add-staff": "S",
    "backoffice.approval/approve": "SAM",
    "backoffice.approval/refuse": "SAM",
    "backoffice.approval/cancel": "SAM",  # of their own
}
ROUTES = {
    "index": ALL,
    "search": ALL,  # finds the pages of the sidebar
    "jsi18n": ALL,
    "password_change": ALL,
    "password_change_done": ALL,
    "second_factor": ALL,
    "dashboard_data": ALL,  # which tiles: below
    "app_list": "SA",  # of scripts
    "auth_user_password_change": "SAM",
    "market_feed_health": STAFF,
    "market_feed_health_data": STAFF,
    "market_schedule_week": STAFF,
    "trading_exposure": "SAD",
    "trading_report": "SAM",
    "trading_report_export": "SAM",
    "trading_statement": "SAMC",
    "trading_statement_file": "SAMC",
    "trading_trade_explain": STAFF,
    "trading_trade_live_rows": STAFF,
    "trading_marginaction_explain": STAFF,
}
OPEN = {"login", "logout", "autocomplete", "view_on_site"}  # for nobody, and asked elsewhere
TILES = {
    "alerts": "SAMC",
    "alerts_by_day": "SAMC",
    "attention": STAFF,
    "engine": STAFF,
    "exposure": "SAD",
    "exposure_groups": "SAD",
    "exposure_totals": "SAD",
    "exposure_what_if": "SAD",
    "feed": STAFF,
    "nearest": "SAD",
    "payments": "SAM",
    "processes": "SAMC",
    "rollover": STAFF,
    "totals": "SAM",
}
PANELS = {
    "accounts.account/Pending orders": STAFF,
    "accounts.account/History": STAFF,
    "accounts.account/Ledger": STAFF,
    "accounts.account/Statements": "SAMC",
    "accounts.account/Price alerts": "SAMC",
    "accounts.account/Event log": "SAMC",
    "accounts.account/Notifications": "SAMC",
    "accounts.account/Sign-ins": "SAM",
    "accounts.account/Audit": "SAM",
    "accounts.account/Waiting for a second person": "SAM",
    "accounts.account/figures": STAFF,
    "accounts.account/positions": STAFF,
    "accounts.account/sockets": "SAMC",
    "accounts.user/Sign-ins": "SAM",
    "accounts.user/Audit": "SAM",
    "market.schedule/Goes by this schedule": STAFF,
}


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def visitor(role: str, db: None) -> matrix_visitor.Visitor:
    name, kind, roles = ROLES[role]
    client = Client(headers=SHORT_REFUSALS)
    client.force_login(staff(50, name, kind, *roles))
    return matrix_visitor.Visitor(client)


@pytest.fixture
def rows(
    everything: None, unrendered: None, alice: Account, position: Trade, pending: Trade,
    settings: Any,
) -> Rows:  # fmt: skip
    settings.EMAIL_URL = "smtp://mail.example.com"
    return create_rows(alice, position, pending)


def expected(table: dict[str, str], role: str) -> dict[str, bool]:
    return {name: role in roles for name, roles in table.items()}


def test_the_tables_name_every_page_and_action(rows: Rows) -> None:
    assert set(PAGES) == set(matrix_visitor.admin_models())
    assert set(ACTIONS) == set(matrix_visitor.action_classes()) == set(rows.acts)
    assert set(LIST_ACTIONS) == matrix_visitor.list_actions()
    assert {*ROUTES, *OPEN} == matrix_visitor.admin_routes()


def test_each_role_sees_its_model_pages(
    visitor: matrix_visitor.Visitor, role: str, rows: Rows
) -> None:
    found = {
        name: visitor.visible_pages(model, rows.of(model))
        for name, model in matrix_visitor.admin_models().items()
    }
    may = {
        name: {
            "list": role in see,
            "page": role in see,
            "export": role in export,
            "change": role in change,
            "add": role in add,
            "history": role in HISTORY,
            "delete": role in DELETE,
        }
        for name, (see, export, change, add) in PAGES.items()
    }
    assert found == may


def test_each_role_does_its_actions(visitor: matrix_visitor.Visitor, role: str, rows: Rows) -> None:
    every = matrix_visitor.action_classes()
    found = {name: visitor.may_act(every[name], *rows.acts[name]) for name in ACTIONS}
    assert found == expected(ACTIONS, role)


def test_each_role_does_its_list_actions(
    visitor: matrix_visitor.Visitor, role: str, rows: Rows
) -> None:
    found = {}
    for name in LIST_ACTIONS:
        label, action = name.split("/")
        model = matrix_visitor.admin_models()[label]
        ticked = {"action": action, "_selected_action": rows.of(model).pk}
        found[name] = visitor.may_submit(matrix_visitor.address(model, "changelist"), model, ticked)
    assert found == expected(LIST_ACTIONS, role)


def test_nobody_is_answered_by_the_autocompletion_that_no_form_uses(
    visitor: matrix_visitor.Visitor,
) -> None:
    query = "app_label=market&model_name=symbol&field_name=schedule"
    assert not visitor.may_see(f"{reverse('admin:autocomplete')}?{query}")


def test_each_role_sees_its_other_pages(
    visitor: matrix_visitor.Visitor, role: str, rows: Rows
) -> None:
    found = {name: visitor.may_see(rows.route(name)) for name in ROUTES}
    assert found == expected(ROUTES, role)


def test_each_role_gets_its_dashboard_tiles(
    visitor: matrix_visitor.Visitor, role: str, admin: User, rows: Rows
) -> None:
    assert {tile.key for tile in dashboard.visible_tiles(admin)} == set(TILES)
    wanted = "&".join(f"tile={key}" for key in TILES)
    answer = visitor.client.get(f"{reverse('dashboard_data')}?{wanted}")
    assert {key: key in read_tiles(answer) for key in TILES} == expected(TILES, role)


def test_each_role_sees_its_panels(visitor: matrix_visitor.Visitor, role: str, rows: Rows) -> None:
    shown: set[str] = set()
    for label in {name.split("/")[0] for name in PANELS}:
        model = matrix_visitor.admin_models()[label]
        page: Any = visitor.client.get(matrix_visitor.address(model, "change", rows.of(model).pk))
        if page.status_code == 200:
            shown |= {f"{label}/{panel.title}" for panel, _ in page.context_data["panels"]}
            shown |= {f"{label}/{tile.key}" for tile, _ in page.context_data["row_tiles"]}
    assert {name: name in shown for name in PANELS} == expected(PANELS, role)
    if role == "S":
        assert shown == set(PANELS)


def test_the_table_names_every_panel() -> None:
    panels = {f"{panel.model}/{panel.title}" for panel in registry.all_panels()}
    tiles = {f"{tile.model}/{tile.key}" for tile in registry.all_live_tiles()}
    assert panels | tiles == set(PANELS)


@pytest.mark.parametrize("who", ["a client", "nobody"])
def test_clients_and_strangers_reach_no_page_or_action(who: str, rows: Rows) -> None:
    client = Client(headers=SHORT_REFUSALS)
    if who == "a client":
        client.force_login(User.objects.get(pk=100001))
    visitor = matrix_visitor.Visitor(client)
    for model in matrix_visitor.admin_models().values():
        answers = visitor.visible_pages(model, rows.of(model))
        assert not any(answer for page, answer in answers.items() if page != "history")
        history = client.get(matrix_visitor.address(model, "history", rows.of(model).pk))
        assert not matrix_visitor.is_allowed(history)
    for name, action in matrix_visitor.action_classes().items():
        assert not visitor.may_act(action, *rows.acts[name])
    for name in ROUTES:
        assert not visitor.may_see(rows.route(name))
    assert not visitor.may_see(reverse("admin:autocomplete"))


def test_no_list_is_editable() -> None:
    assert not any(page.list_editable for page in django_admin.site._registry.values())
