"""Hundreds of thousands of groups, users and accounts."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import CommandError

from accounts.demo import DEMO_LOGINS, DEMO_PASSWORD
from accounts.models import Account, Group, User
from tests.load_data.table_copy import LoadPlan, TableCopy, without_indexes

ROWS_PER_COPY = 50_000
# Name, currency, share of the accounts in percent.
GROUPS = (
    ("STD-USD", "USD", 55), ("STD-EUR", "EUR", 20), ("PRO-USD", "USD", 12), ("PRO-EUR", "EUR", 6),
    ("ECN-USD", "USD", 5), ("STD-TEST", "USD", 2),
)  # fmt: skip
GROUP_NAMES = [name for name, _, share in GROUPS for _ in range(share)]  # by number, modulo 100
CURRENCIES = {name: currency for name, currency, _ in GROUPS}
FIRST_NAMES = (
    "Ada", "Bruno", "Chiara", "Dmitri", "Elena", "Farid", "Grace", "Hiroshi", "Ines", "Jamal",
    "Katarzyna", "Liam", "Mei", "Noah", "Olga", "Pedro", "Quentin", "Rosa", "Søren", "Tariq",
    "Ursula", "Viktor", "Wanda", "Xavier", "Yasmin", "Zoltan", "Łukasz", "Élodie", "Günter",
)  # fmt: skip
LAST_NAMES = (
    "Almeida", "Becker", "Chen", "Dubois", "Eriksson", "Ferrari", "García", "Haddad", "Ivanov",
    "Jansen", "Kowalski", "Laurent", "Müller", "Nakamura", "O'Brien", "Petrov", "Quinn", "Rossi",
    "Schmidt", "Takahashi", "Usman", "Varga", "Williams", "Xu", "Yilmaz", "Zhang", "Šimek",
)  # fmt: skip
COUNTRIES = (("44", "GB"), ("49", "DE"), ("33", "FR"), ("48", "PL"), ("39", "IT"), ("81", "JP"))


def refuse_other_accounts() -> None:
    """Raise CommandError if there are other accounts than the demo's."""
    if User.objects.exclude(pk__in=DEMO_LOGINS).exists():
        raise CommandError("this database has other accounts than the demo's; --force adds to them")


def load(plan: LoadPlan) -> None:
    """Load the users with their accounts; balances come with the trades."""
    groups = {
        name: _get_or_create_group(name, currency).pk for name, currency in CURRENCIES.items()
    }
    users = TableCopy(
        User, "login", "password", "enable", "regdate", "name", "email", "phone", "country"
    )
    accounts = TableCopy(Account, "user_id", "group_id", "leverage", "enable_read_only", "seq")
    password = make_password(DEMO_PASSWORD)
    with without_indexes(User, Account):
        for begin in range(0, plan.accounts, ROWS_PER_COPY):
            numbers = range(begin, min(begin + ROWS_PER_COPY, plan.accounts))
            users.write(_user_rows(plan, numbers, password))
            accounts.write(
                f"{plan.login_of(n)}\t{groups[group_name_of(n)]}\t{(50, 100, 200, 500)[n % 4]}"
                f"\t{n % 211 == 0}\t0"
                for n in numbers
            )


def group_name_of(number: int) -> str:
    """Return the name of the group of account `number`."""
    return GROUP_NAMES[number * 37 % 100]


def _user_rows(plan: LoadPlan, numbers: range, password: str) -> Iterator[str]:
    for n in numbers:
        first, last = (
            FIRST_NAMES[n % len(FIRST_NAMES)],
            LAST_NAMES[n // len(FIRST_NAMES) % len(LAST_NAMES)],
        )
        code, country = COUNTRIES[n % len(COUNTRIES)]
        yield (
            f"{plan.login_of(n)}\t{password}\t{n % 101 != 0}\t{plan.time_at(n / plan.accounts)}"
            f"\t{first} {last}\t{_mailbox(last)}.{n}@mail{n % 7}.example\t+{code} "
            f"{200 + n * 7 % 700} {n * 7919 % 10_000_000:07d}\t{country}"
        )


def _mailbox(name: str) -> str:
    return "".join(letter for letter in name.lower() if "a" <= letter <= "z")


def _get_or_create_group(name: str, currency: str) -> Group:
    fields: dict[str, Any] = {"currency": currency, "title": name.replace("-", " ").title()}
    return Group.objects.get_or_create(name=name, defaults=fields)[0]
