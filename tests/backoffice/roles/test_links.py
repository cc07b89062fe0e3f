"""No role is offered a link in the backoffice that it cannot follow."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Account, User
from tests.backoffice.roles.link_walk import Walk, visible_addresses
from tests.backoffice.roles.matrix_rows import create_rows
from tests.backoffice.roles.test_matrix import ROLES
from tests.conftest import staff
from trading.models import Trade


@pytest.mark.parametrize(
    ("role", "groups"),
    [("S", ""), ("M", ""), ("D", ""), ("C", ""), ("A", "demo-usd"), ("N", "")],
    ids=["superuser", "manager", "dealer", "support", "limited to groups", "without a role"],
)
@pytest.mark.usefixtures("everything", "no_contexts")
def test_every_link_that_a_role_is_offered_can_be_followed(
    alice: Account, position: Trade, pending: Trade, client: Client,
    monkeypatch: pytest.MonkeyPatch, role: str, groups: str,
) -> None:  # fmt: skip
    create_rows(alice, position, pending)
    name, kind, roles = ROLES[role]
    user = staff(50, name, kind, *roles)
    User.objects.filter(pk=user.pk).update(managed_groups=groups)
    client.force_login(user)
    walk = Walk(client)
    walk.open(reverse("admin:index"))  # with the menu, which is that of every page
    monkeypatch.setattr(admin.site, "enable_nav_sidebar", False)
    for url in visible_addresses():
        walk.open(url)
    assert walk.dead_links() == []
