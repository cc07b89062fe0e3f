"""The demo's groups, clients and staff, written once: existing rows are left unchanged."""

from decimal import Decimal

from accounts.enums import SessionType
from accounts.models import Account, Group, User

DEMO_PASSWORD = "demo1234"  # noqa: S105 - printed at every start; production refuses it
DEMO_DEPOSIT = Decimal(10_000)
PUBLIC = {
    "currency": "USD",
    "account_mode": "DEMO",
    "public": True,
    "leverage": 100,
    "default_deposit": DEMO_DEPOSIT,
}
GROUPS = (  # their terms are in `market.demo_terms`
    {"name": "demo-usd", "title": "Standard USD", **PUBLIC},
    {"name": "std-eur", "title": "Standard EUR", "currency": "EUR", "leverage": 100},
    {"name": "raw-usd", "title": "Raw USD", **PUBLIC},
    {"name": "islamic-usd", "title": "Islamic USD", **PUBLIC},
)
CLIENTS = ((100001, "Alice", "demo-usd"), (100002, "Bob", "std-eur"))
STAFF = (
    (1, "Administrator", SessionType.ADMIN, ""),
    (2, "Dealer", SessionType.DEALER, "dealer"),
    (3, "Support", SessionType.MANAGER, "support"),
)
DEMO_LOGINS = [login for login, *_ in (*CLIENTS, *STAFF)]


def seed() -> None:
    """Create the groups, the clients without money, and the staff with their roles."""
    from django.contrib.auth.models import Group as Role

    for fields in GROUPS:
        Group.objects.get_or_create(name=fields["name"], defaults=fields)
    for login, name, group_name in CLIENTS:
        if not User.objects.filter(pk=login).exists():
            email = f"{name.lower()}@example.com"
            user = User.objects.create_user(login, DEMO_PASSWORD, name=name, email=email)
            group = Group.objects.get(name=group_name)
            Account.objects.create(user=user, group=group, leverage=group.leverage)
    for login, name, kind, role in STAFF:
        if not User.objects.filter(pk=login).exists():
            admin = kind == SessionType.ADMIN
            user = User.objects.create_user(
                login, DEMO_PASSWORD, name=name, type=kind, is_superuser=admin
            )
            if role:
                user.groups.add(Role.objects.get(name=role))
