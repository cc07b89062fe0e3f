"""What waits is on the dashboard's first tile and at the menu's links, by role and scope."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from alerts.models import Address
from audit.models import SignIn
from backoffice.attention import matters
from backoffice.models import OutgoingMail
from core import heartbeats, redis
from core.clock import DAY_S, now, now_ms
from core.redis_keys import LAST_BACKUP
from market.models import Symbol
from staff_auth.errors import WrongPassword
from tests import factories
from tests.backoffice.dashboard.conftest import Ask
from tests.backoffice.roles.matrix_rows import approval
from trading.models import MarginAction

Find = Callable[[User], dict[str, list[str]]]


@pytest.fixture(autouse=True)
def _processes(eurusd: Symbol) -> None:
    """Everything runs and has quotes."""
    for process in ("feed", "engine", "worker"):
        redis.mark_alive(process)


@pytest.fixture
def find() -> Find:
    """The cases that a staff member is shown, by matter."""

    def of(user: User) -> dict[str, list[str]]:
        cache.clear()
        found = matters.find_open_matters(User.objects.get(pk=user.pk))
        return {matter.key: [case.text for case in cases] for matter, cases in found}

    return of


def limited(user: User, groups: str) -> User:
    User.objects.filter(pk=user.pk).update(managed_groups=groups)
    return user


def margin_action(account: Account, kind: str, time: int) -> None:
    MarginAction.objects.create(account=account, kind=kind, time=time)


def test_nothing_needs_attention_where_all_is_well(admin: User, ask: Ask, find: Find) -> None:
    assert find(admin) == {}
    assert ask(admin, "attention")["attention"] == [
        {"kind": "note", "text": "Nothing needs attention.", "tone": "good"}
    ]


def test_an_approval_waits_for_others_than_its_requester(
    alice: Account, admin: User, mary: User, dan: User, find: Find
) -> None:
    approval(mary)
    assert find(admin) == {"approvals": ["Deposit 500.00 USD of 100001"]}
    assert find(mary) == find(dan) == {}


def test_margin_calls_and_stop_outs_are_those_of_today_in_the_scope(
    alice: Account, bob: Account, carol: User, find: Find
) -> None:
    midnight = now() // DAY_S * DAY_S
    for kind in ("call", "call", "stop_out"):
        margin_action(alice, kind, midnight)
    margin_action(bob, "call", midnight)
    margin_action(bob, "stop_out", midnight - 1)
    both = {"margin_calls": ["100001 Alice", "100002 Bob"], "stop_outs": ["100001 Alice"]}
    assert {key: sorted(cases) for key, cases in find(carol).items()} == both
    assert find(limited(carol, "std-eur")) == {"margin_calls": ["100002 Bob"]}


def test_an_address_that_failed_three_times_is_shown_in_the_scope(
    alice: Account, carol: User, dan: User, find: Find
) -> None:
    address = Address.objects.create(
        account=alice, channel=1, address="https://e.com", created_at=1, updated_at=1, failures=2
    )
    assert find(carol) == {}
    Address.objects.filter(pk=address.pk).update(failures=3)
    assert find(carol) == {"addresses": ["https://e.com of 100001: 3 failures"]}
    assert find(dan) == find(limited(carol, "std-eur")) == {}


def test_locked_staff_are_shown_to_administrators(
    admin: User, mary: User, dan: User, alice: Account, find: Find
) -> None:
    for login, number in ((dan.pk, 5), (mary.pk, 4), (alice.pk, 9)):
        for _ in range(number):
            SignIn.objects.create(
                time=now_ms(), login=login, door="admin", outcome=WrongPassword.outcome
            )
    assert find(admin) == {"locked": ["2 Dan"]}
    assert find(mary) == {}


def test_a_silent_symbol_and_stopped_processes_are_shown(carol: User, find: Find) -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=1_700_000_000_000)
    redis.sync_client().delete("alive:worker")
    heartbeats.report_heartbeat("engine", lag_ms=60_000)
    heartbeats.report_heartbeat("alerts", lag_ms=20_000)
    assert find(carol) == {
        "silent_symbols": ["EURUSD"],
        "processes": ["worker is not running"],
        "engine": ["60.0 s behind the quotes"],
        "alerts": ["20.0 s behind the quotes"],
    }


def test_a_mail_that_was_given_up_is_shown_to_administrators(
    admin: User, mary: User, find: Find
) -> None:
    lost: dict[str, object] = {"to": "a@example.com", "subject": "Report", "text": ""}
    OutgoingMail.objects.create(key="lost", created_at=now(), **lost)
    OutgoingMail.objects.create(key="waiting", created_at=now(), due=now(), **lost)
    OutgoingMail.objects.create(key="sent", created_at=now(), sent_at=now(), **lost)
    OutgoingMail.objects.create(key="old", created_at=now() - 3 * 86_400, **lost)
    assert find(admin) == {"mails": ["Report to a@example.com"]}
    assert find(mary) == {}


@override_settings(BACKUP_HOURS=26)
def test_a_backup_that_is_too_old_is_shown_to_administrators(
    admin: User, mary: User, find: Find
) -> None:
    assert find(admin) == {"backup": ["no backup since Redis was new"]}
    redis.sync_client().set(LAST_BACKUP, now() - 27 * 3600)
    assert find(admin) == {"backup": ["the newest is 27 h old"]}
    redis.sync_client().set(LAST_BACKUP, now() - 25 * 3600)
    assert find(admin) == find(mary) == {}


def test_the_menu_counts_what_waits_at_each_page(
    alice: Account, admin: User, mary: User, client: Client
) -> None:
    approval(mary)
    margin_action(alice, "call", now())
    margin_action(alice, "stop_out", now())
    assert badges(client, admin) == {"Approvals": "1", "Margin actions": "2"}
    assert badges(client, mary) == {"Margin actions": "2"}


def badges(client: Client, user: User) -> dict[str, str]:
    """The numbers at the links of the menu."""
    client.force_login(user)
    page = client.get("/admin/password_change/").content.decode()
    menu = page[page.index('id="nav-sidebar-apps"') : page.index("</nav>")]
    links = (item.partition("</li>")[0] for item in menu.split("<li>")[1:])
    texts = [re.sub(r"<[^>]*>", " ", link).split() for link in links]  # icon, title, number
    return {" ".join(words[1:-1]): words[-1] for words in texts if words[-1].isdigit()}


def test_the_tile_leads_to_where_it_is_mended(alice: Account, admin: User, ask: Ask) -> None:
    for _ in range(7):
        approval(alice.user)
    tile: Any = ask(admin, "attention")["attention"][0]
    assert tile["rows"][0][0]["href"] == "/admin/backoffice/approval/?state__exact=waiting"
    assert tile["rows"][0][1]["text"] == "7"
    assert [row[2]["text"] for row in tile["rows"]][5:] == ["all of them"]


def test_without_redis_the_rest_is_still_shown(
    alice: Account, admin: User, mary: User, find: Find
) -> None:
    approval(mary)
    url = "unix:///nowhere.sock"
    with override_settings(REDIS_URL=url):
        redis.sync_client.cache_clear()
        try:
            found = find(admin)
        finally:
            redis.sync_client.cache_clear()
    assert found["approvals"] == ["Deposit 500.00 USD of 100001"]
    assert found["processes"] == ["unknown: Redis does not answer"]


def test_staff_of_one_scope_share_what_was_read(
    alice: Account, admin: User, mary: User, find: Find
) -> None:
    approval(mary)
    find(admin)
    with CaptureQueriesContext(connection) as queries:
        assert matters.find_open_matters(admin)
    assert not queries.captured_queries
