"""Each role gets its own tiles, and others get none."""

import pytest
from django.test import Client
from redis.exceptions import RedisError

from accounts.models import Account, User
from core import redis
from tests.backoffice.dashboard.conftest import ADDRESS, Ask

MONEY = {"totals", "payments"}
RISK = {"exposure", "nearest"}
ALL = {"attention", "feed", "engine", "rollover"}
WATCH = {"alerts", "processes"}
SEES = {
    "admin": MONEY | RISK | ALL | WATCH,
    "mary": MONEY | ALL | WATCH,
    "dan": RISK | ALL,
    "carol": ALL | WATCH,
}


def index(client: Client, user: User) -> str:
    """The dashboard's page."""
    client.force_login(user)
    return client.get("/admin/").content.decode()


@pytest.mark.parametrize("who", SEES)
def test_each_role_is_sent_its_tiles(who: str, request: pytest.FixtureRequest, ask: Ask) -> None:
    assert set(ask(request.getfixturevalue(who))) == SEES[who]


@pytest.mark.parametrize("who", SEES)
def test_the_page_has_an_element_for_each_tile(
    who: str, request: pytest.FixtureRequest, client: Client
) -> None:
    page = index(client, request.getfixturevalue(who))
    every = MONEY | RISK | ALL | WATCH
    assert {key for key in every if f'data-tile="{key}"' in page} == SEES[who]


def test_a_tile_requested_by_name_needs_the_permission(dan: User, ask: Ask) -> None:
    assert ask(dan, "totals", "engine").keys() == {"engine"}


def test_a_panel_of_another_page_can_be_requested_by_name(carol: User, ask: Ask) -> None:
    assert ask(carol, "alerts_by_day").keys() == {"alerts_by_day"}


def test_clients_and_strangers_get_no_tiles(alice: Account, client: Client) -> None:
    assert client.get(ADDRESS).status_code == 302
    client.force_login(alice.user)
    assert client.get(ADDRESS).status_code == 302


def test_the_tiles_are_read_only_and_not_cached(admin: User, client: Client) -> None:
    client.force_login(admin)
    assert client.post(ADDRESS).status_code == 405
    assert "no-store" in client.get(ADDRESS)["Cache-Control"]


def test_staff_without_any_tile_see_the_list_of_pages(admin: User, client: Client) -> None:
    User.objects.filter(pk=admin.pk).update(is_superuser=False)
    admin.refresh_from_db()
    assert "data-tile" not in index(client, admin)


def test_without_redis_a_tile_says_that_redis_does_not_answer(
    admin: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise RedisError

    monkeypatch.setattr(redis, "sync_client", away)
    found = ask(admin, "engine")
    assert found["engine"] == [{"kind": "note", "text": "Redis does not answer", "tone": "bad"}]


def test_the_page_has_no_inline_script(admin: User, client: Client) -> None:
    page = index(client, admin)
    begin = page.index('<div class="live"')
    shown = page[begin : page.index("</section>", begin)]
    assert "<script" not in shown
    assert "style=" not in shown
    assert " on" not in shown.replace(" on ", " ")
    for tag in page.split("<script")[1:]:
        assert 'src="' in tag.partition(">")[0], tag[:200]
