"""Staff view what the margin rules did."""

from accounts.models import Account, User
from tests.backoffice.fixtures import Browser
from trading.models import MarginAction

LIST = "/admin/trading/marginaction/"


def test_support_can_explain_a_stop_out(
    carol: User, stopped: MarginAction, browser: Browser
) -> None:
    page = browser(carol).get(f"{LIST}{stopped.pk}/change/").content.decode()
    for word in ("Stopped out on", "1.09450", "The largest loss, buy 2.00 EURUSD", "1,100.00"):
        assert word in page


def test_the_list_is_filtered_by_kind_and_searched_by_login(
    dan: User, stopped: MarginAction, alice: Account, browser: Browser
) -> None:
    client = browser(dan)
    shown = client.get(f"{LIST}?kind__exact=stop_out&q=200001").content.decode()
    assert f"{LIST}{stopped.pk}/change/" in shown
    assert "50.00" in shown
    assert (
        f"{LIST}{stopped.pk}/change/" not in client.get(f"{LIST}?kind__exact=call").content.decode()
    )
    assert f"{LIST}{stopped.pk}/change/" not in client.get(f"{LIST}?q=100001").content.decode()


def test_the_newest_comes_first(dan: User, stopped: MarginAction, browser: Browser) -> None:
    shown = browser(dan).get(LIST).context["cl"].result_list
    assert [action.kind for action in shown] == ["recovery", "stop_out", "call"]
    shown = browser(dan).get("/admin/trading/fill/").context["cl"].result_list
    assert [fill.kind for fill in shown] == ["close", "open"]


def test_margin_actions_cannot_be_changed_or_deleted(
    admin: User, stopped: MarginAction, browser: Browser
) -> None:
    client = browser(admin)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{stopped.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{stopped.pk}/change/", {"kind": "call"})
    stopped.refresh_from_db()
    assert stopped.kind == "stop_out"
