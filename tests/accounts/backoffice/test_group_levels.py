"""The levels of a group: the margin call comes before the stop-out."""

import pytest

from accounts.models import Account, Group, User
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import submit


@pytest.mark.parametrize(("call", "stopout"), [("40", "50"), ("99.99", "100")])
def test_a_margin_call_below_the_stop_out_is_refused(
    alice: Account, admin: User, browser: Browser, call: str, stopout: str
) -> None:
    url = f"/admin/accounts/group/{alice.group_id}/change/"
    with pytest.raises(AssertionError, match="must not be below the stop-out"):
        submit(browser(admin), url, margin_call=call, margin_stopout=stopout)
    group = Group.objects.get(pk=alice.group_id)
    assert [group.margin_call, group.margin_stopout] == [100, 50]


def test_equal_margin_call_and_stop_out_levels_are_accepted(
    bob: Account, admin: User, browser: Browser
) -> None:
    url = f"/admin/accounts/group/{bob.group_id}/change/"
    submit(browser(admin), url, margin_call="50", margin_stopout="50")
    assert Group.objects.get(pk=bob.group_id).margin_call == 50
