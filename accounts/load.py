"""Hundreds of thousands of groups, users and accounts, for `manage.py seed_load`."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.demo import LOGINS, PASSWORD
from accounts.errors import NotEmpty
from accounts.models import Account, Group, User
from backoffice.loading import Copy, Plan, bare

AT_ONCE = 50_000
# Name, currency, share of the accounts in percent.
GROUPS = (
    ("STD-USD", "USD", 55), ("STD-EUR", "EUR", 20), ("PRO-USD", "USD", 12), ("PRO-EUR", "EUR", 6),
    ("ECN-USD", "USD", 5), ("STD-TEST", "USD", 2),
)  # fmt: skip
NAMES = [name for name, _, share in GROUPS for _ in range(share)]  # by number, modulo 100
CURRENCIES = {name: currency for name, currency, _ in GROUPS}
FIRST = (
    "Ada", "Bruno", "Chiara", "Dmitri", "Elena", "Farid", "Grace", "Hiroshi", "Ines", "Jamal",
    "Katarzyna", "Liam", "Mei", "Noah", "Olga", "Pedro", "Quentin", "Rosa", "Søren", "Tariq",
    "Ursula", "Viktor", "Wanda", "Xavier", "Yasmin", "Zoltan", "Łukasz", "Élodie", "Günter",
)  # fmt: skip
LAST = (
    "Almeida", "Becker", "Chen", "Dubois", "Eriksson", "Ferrari", "García", "Haddad", "Ivanov",
    "Jansen", "Kowalski", "Laurent", "Müller", "Nakamura", "O'Brien", "Petrov", "Quinn", "Rossi",
    "Schmidt", "Takahashi", "Usman", "Varga", "Williams", "Xu", "Yilmaz", "Zhang", "Šimek",
)  # fmt: skip
COUNTRIES = (("44", "GB"), ("49", "DE"), ("33", "FR"), ("48", "PL"), ("39", "IT"), ("81", "JP"))


def load(plan: Plan, *, force: bool) -> None:
    """Load the users with their accounts; balances come with the trades.

    Raises:
        DatabaseNotEmpty: there are other accounts than the demo's, and `force` is not set.
    """
    if not force and User.objects.exclude(pk__in=LOGINS).exists():
        raise NotEmpty
    groups = {name: _group(name, currency).pk for name, currency in CURRENCIES.items()}
    users = Copy(
        User, "login", "password", "enable", "regdate", "name", "email", "phone", "country"
    )
    accounts = Copy(Account, "user_id", "group_id", "leverage", "enable_read_only", "seq")
    password = make_password(PASSWORD)
    with bare(User, Account):
        for begin in range(0, plan.accounts, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, plan.accounts))
            users.write(_users(plan, numbers, password))
            accounts.write(
                f"{plan.login(n)}\t{groups[group_of(n)]}\t{(50, 100, 200, 500)[n % 4]}"
                f"\t{n % 211 == 0}\t0"
                for n in numbers
            )


def group_of(number: int) -> str:
    """Return the name of the group of account `number`."""
    return NAMES[number * 37 % 100]


def _users(plan: Plan, numbers: range, password: str) -> Iterator[str]:
    for n in numbers:
        first, last = FIRST[n % len(FIRST)], LAST[n // len(FIRST) % len(LAST)]
        code, country = COUNTRIES[n % len(COUNTRIES)]
        yield (
            f"{plan.login(n)}\t{password}\t{n % 101 != 0}\t{plan.moment(n / plan.accounts)}"
            f"\t{first} {last}\t{_mailbox(last)}.{n}@mail{n % 7}.example\t+{code} "
            f"{200 + n * 7 % 700} {n * 7919 % 10_000_000:07d}\t{country}"
        )


def _mailbox(name: str) -> str:
    return "".join(letter for letter in name.lower() if "a" <= letter <= "z")


def _group(name: str, currency: str) -> Group:
    fields: dict[str, Any] = {"currency": currency, "title": name.replace("-", " ").title()}
    return Group.objects.get_or_create(name=name, defaults=fields)[0]
