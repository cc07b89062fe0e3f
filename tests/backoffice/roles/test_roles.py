import pytest
from django.apps import apps
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import Permission

from accounts.enums import SessionType
from accounts.models import User
from backoffice.roles import roles
from core.sections import list_configs, load_contribution
from market.models import Symbol
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import submit
from tests.conftest import staff

PAGES = {
    "accounts/user",
    "accounts/account",
    "accounts/group",
    "market/symbol",
    "market/symbolgroup",
    "market/schedule",
    "market/groupschedule",
    "market/groupterms",
    "market/holiday",
    "market/lastquote",
    "trading/trade",
    "trading/fill",
    "trading/marginaction",
    "alerts/alert",
    "alerts/alertlog",
    "alerts/delivery",
    "alerts/address",
    "scripts/script",
    "settings_app/setting",
    "auth/group",
}
SUPPORT = PAGES - {"scripts/script", "settings_app/setting", "auth/group"}
DEALER = {page for page in PAGES if page.startswith(("market", "trading"))} | {"accounts/account"}


@pytest.fixture
def mary(db: None) -> User:
    return staff(4, "Mary", SessionType.MANAGER, "manager")


@pytest.mark.parametrize(
    ("who", "sees"), [("admin", PAGES), ("mary", SUPPORT), ("carol", SUPPORT), ("dan", DEALER)]
)
@pytest.mark.usefixtures("unrendered")
def test_each_role_sees_its_pages_and_no_others(
    request: pytest.FixtureRequest, browser: Browser, who: str, sees: set[str]
) -> None:
    client = browser(request.getfixturevalue(who))
    answers = {page: client.get(f"/admin/{page}/").status_code for page in PAGES}
    assert answers == {page: 200 if page in sees else 403 for page in PAGES}


def test_the_sidebar_links_to_what_the_role_sees(dan: User, browser: Browser) -> None:
    page = browser(dan).get("/admin/").content.decode()
    linked = {name for name in PAGES if f'href="/admin/{name}/"' in page}
    assert linked == DEALER


def test_a_dealer_changes_a_symbol(dan: User, eurusd: Symbol, browser: Browser) -> None:
    answer = submit(browser(dan), "/admin/market/symbol/EURUSD/change/", stops_level="15")
    assert answer.status_code == 302
    eurusd.refresh_from_db()
    assert eurusd.stops_level == 15


def test_a_zero_is_shown_as_zero(dan: User, eurusd: Symbol, browser: Browser) -> None:
    page = browser(dan).get("/admin/market/symbol/EURUSD/change/").content.decode()
    assert "0E-8" not in page
    assert 'value="100000"' in page


def test_a_dealer_neither_adds_nor_deletes_a_symbol(
    dan: User, eurusd: Symbol, browser: Browser
) -> None:
    client = browser(dan)
    assert client.get("/admin/market/symbol/add/").status_code == 403
    assert client.post("/admin/market/symbol/EURUSD/delete/", {"post": "yes"}).status_code == 403
    assert Symbol.objects.filter(pk="EURUSD").exists()


def test_support_sees_a_symbol_and_cannot_change_it(
    carol: User, eurusd: Symbol, browser: Browser
) -> None:
    client = browser(carol)
    url = "/admin/market/symbol/EURUSD/change/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"stops_level": "15"}).status_code == 403
    eurusd.refresh_from_db()
    assert eurusd.stops_level == 0


def test_an_administrator_changes_a_groups_conditions(
    alice: object, admin: User, browser: Browser
) -> None:
    from accounts.models import Group

    group = Group.objects.get(name="demo-usd")
    url = f"/admin/accounts/group/{group.pk}/change/"
    answer = submit(browser(admin), url, margin_stopout="30", currency="EUR")
    assert answer.status_code == 302
    group.refresh_from_db()
    assert (int(group.margin_stopout), group.currency) == (30, "USD")


def permissions(role: str) -> set[str]:
    found = Permission.objects.filter(group__name=role)
    return {
        f"{p.content_type.app_label}.{p.codename}" for p in found.select_related("content_type")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("role", roles.ROLES)
def test_a_migrated_database_has_the_roles(role: str) -> None:
    assert permissions(role) == set(roles.ROLES[role])


@pytest.mark.django_db
def test_creating_the_roles_is_idempotent_and_restores_them() -> None:
    support = Role.objects.get(name="support")
    support.permissions.remove(Permission.objects.get(codename="view_alertlog"))
    support.permissions.add(Permission.objects.get(codename="change_account"))
    Role.objects.get(name="dealer").delete()
    for _ in range(2):
        for config in apps.get_app_configs():
            roles.update_role_groups(config)
    assert permissions("support") == set(roles.SUPPORT)
    assert permissions("dealer") == set(roles.DEALER)
    assert Role.objects.count() == len(roles.ROLES)


# Every right beyond looking, and the roles that have it: administrators have all of them.
MANAGERS, DEALERS, ADMINS = {"manager"}, {"dealer"}, set[str]()
ADDED_BY_DEALERS = ("schedule", "groupschedule", "groupterms", "holiday")
MORE: dict[str, set[str]] = {
    "accounts.open_account": MANAGERS,
    "accounts.change_terms": MANAGERS,
    "accounts.manage_access": MANAGERS,
    "accounts.move_money": MANAGERS,
    "accounts.change_user": MANAGERS,
    "accounts.change_group": ADMINS,
    "backoffice.decide_approval": MANAGERS,
    "trading.correct": MANAGERS,
    "trading.deal": DEALERS,
    "backoffice.export": MANAGERS | DEALERS,
    "alerts.resend_delivery": MANAGERS | {"support"},
    "market.change_watchitem": MANAGERS,
    "scripts.change_script": ADMINS,
    "market.change_symbol": DEALERS,
    "market.change_symbolgroup": DEALERS,
    **{f"market.{act}_{model}": DEALERS for act in ("add", "change") for model in ADDED_BY_DEALERS},
}


def test_permissions_beyond_viewing_are_those_of_the_table() -> None:
    given: dict[str, set[str]] = {}
    for role, names in roles.ROLES.items():
        for name in names:
            if ".view_" not in name:
                given.setdefault(name, set()).add(role)
    assert given == {name: {"administrator", *who} for name, who in MORE.items()}


def test_no_role_deletes_and_only_hours_and_terms_are_added() -> None:
    written = [name for name in MORE if ".delete_" in name or ".add_" in name]
    assert set(written) == {f"market.add_{model}" for model in ADDED_BY_DEALERS}


def test_only_managers_and_administrators_move_money() -> None:
    assert {role for role, names in roles.ROLES.items() if "accounts.move_money" in names} == {
        "administrator",
        "manager",
    }


def test_a_section_gives_permissions_of_its_own_to_roles_that_exist() -> None:
    for config in list_configs():
        if config.role_permissions:
            declared = load_contribution(config, "role_permissions")
            labels = {name.partition(".")[0] for names in declared.values() for name in names}
            assert labels == {config.name}
            assert set(declared) <= set(roles.ROLES)
