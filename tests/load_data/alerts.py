"""Millions of alerts, log rows and deliveries."""

from collections.abc import Iterator

from alerts import daily_totals
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.enums import AlertStatus, Condition
from alerts.models import Address, Alert, AlertLog, Delivery
from market.models import Symbol
from market.quotes.quote import BATCH_SIZE
from tests.load_data.table_copy import (
    LoadPlan,
    TableCopy,
    set_next_key,
    take_next_key,
    without_indexes,
)

ROWS_PER_COPY = 50_000
LOGS_PER_ALERT = 5  # of an alert
ACCOUNTS_PER_ADDRESS = 10  # one account in so many has an address
CONDITIONS = (*[Condition.CROSSING_UP] * 4, *[Condition.CROSSING_DOWN] * 4, *list(Condition))
STATES = (
    *[AlertStatus.TRIGGERED] * 5,
    AlertStatus.DELETED,
    AlertStatus.DISABLED,
    AlertStatus.EXPIRED,
)
ALERT_COLUMNS = (
    "id", "account_id", "symbol_id", "indicator_name", "side", "condition", "repeat_mode", "status",
    "target_price", "created_at", "updated_at", "triggered_at", "fresh",
)  # fmt: skip
LOG_COLUMNS = (
    "id", "alert_id", "login", "symbol", "indicator_name", "side", "condition", "target_price",
    "triggered_price", "triggered_at", "previous_price", "quote_time", "quote_number",
    "evaluated_at", "hidden",
)  # fmt: skip
ADDRESS_COLUMNS = ("id", "account_id", "channel", "address", "state", "created_at", "updated_at")
DELIVERY_COLUMNS = (
    "address_id", "log_id", "state", "attempts", "answer", "next_try", "created_at", "done_at",
)  # fmt: skip


def load(plan: LoadPlan) -> None:
    """Load fired alerts with their logs, addresses and deliveries; count the daily totals."""
    generator = AlertRowGenerator(plan)
    with without_indexes(Alert, AlertLog, Delivery, Address):
        for model, columns, rows in (
            (Alert, ALERT_COLUMNS, generator.alert_rows()),
            (AlertLog, LOG_COLUMNS, generator.log_rows()),
            (Address, ADDRESS_COLUMNS, generator.address_rows()),
            (Delivery, DELIVERY_COLUMNS, generator.delivery_rows()),
        ):
            copy = TableCopy(model, *columns)
            while lines := [line for _, line in zip(range(ROWS_PER_COPY), rows, strict=False)]:
                copy.write(lines)
    set_next_key(Alert, generator.alert + generator.count)
    set_next_key(AlertLog, generator.log + plan.logs)
    set_next_key(Address, generator.address + plan.accounts // ACCOUNTS_PER_ADDRESS + 1)
    daily_totals.recount_daily_totals()


class AlertRowGenerator:
    """Generates the rows in the order of time: log n belongs to alert n modulo their count."""

    def __init__(self, plan: LoadPlan) -> None:
        self.plan, self.count = plan, max(1, plan.logs // LOGS_PER_ALERT)
        self.alert, self.log = take_next_key(Alert), take_next_key(AlertLog)
        self.address = take_next_key(Address)
        rows = Symbol.objects.exclude(demo_price=0).order_by("name")
        self.symbols = [(symbol.name, f"{symbol.demo_price:.5f}") for symbol in rows]

    def account_number(self, alert: int) -> int:
        """Return the number of the alert's account."""
        return alert * 7919 % self.plan.accounts

    def alert_rows(self) -> Iterator[str]:
        """Yield the alerts; one in eight is active and unevaluated, so that windows find it."""
        for n in range(self.count):
            name, price = self.symbols[n * n % len(self.symbols)]
            active = n % 8 == 0
            status = AlertStatus.ACTIVE if active else STATES[n % len(STATES)]
            time = self.plan.time_at(n / self.count * 0.8)
            condition = Condition.CROSSING_UP if active else self.condition_of(n)
            target = float(price) * 3 if active else price
            yield (
                f"{self.alert + n}\t{self.plan.login_of(self.account_number(n))}\t{name}"
                f"\tload\t{n % 2}\t{condition}\t1\t{status}\t{target}\t{time}\t{time}"
                f"\t{0 if active else time + 60}\t{active}"
            )

    def log_rows(self) -> Iterator[str]:
        """Yield the logs, each with its own quote."""
        for n in range(self.plan.logs):
            alert = n % self.count
            name, price = self.symbols[alert * alert % len(self.symbols)]
            time = self.plan.time_at(n / self.plan.logs)
            ms = time * 1000 + n % 1000
            yield (
                f"{self.log + n}\t{self.alert + alert}"
                f"\t{self.plan.login_of(self.account_number(alert))}\t{name}"
                f"\tload\t{alert % 2}\t{self.condition_of(alert)}\t{price}\t{price}\t{time}"
                f"\t{price}\t{ms}\t{ms * BATCH_SIZE + n % BATCH_SIZE}\t{ms + 40}\t{n % 97 == 0}"
            )

    def address_rows(self) -> Iterator[str]:
        """Yield verified or switched-off addresses, for which nothing waits."""
        for n in range(0, self.plan.accounts, ACCOUNTS_PER_ADDRESS):
            time = self.plan.time_at(n / self.plan.accounts)
            channel = Channel.WEBHOOK if n % 30 == 0 else Channel.EMAIL
            where = f"https://hooks{n}.example/in" if channel else f"client{n}@mail{n % 7}.example"
            state = AddressState.OFF if n % 990 == 0 else AddressState.VERIFIED
            key, login = self.address + n // ACCOUNTS_PER_ADDRESS, self.plan.login_of(n)
            yield f"{key}\t{login}\t{channel}\t{where}\t{state}\t{time}\t{time}"

    def delivery_rows(self) -> Iterator[str]:
        """Yield completed deliveries."""
        for n in range(self.plan.logs):
            owner = self.account_number(n % self.count)
            if owner % ACCOUNTS_PER_ADDRESS:
                continue
            ms = self.plan.time_at(n / self.plan.logs) * 1000
            end = f"{DeliveryState.DELIVERED}\t1\t250 OK"
            if n % 370 == 0:
                end = f"{DeliveryState.GIVEN_UP}\t9\tno answer"
            key = self.address + owner // ACCOUNTS_PER_ADDRESS
            yield f"{key}\t{self.log + n}\t{end}\t{ms}\t{ms}\t{ms + 300}"

    @staticmethod
    def condition_of(alert: int) -> int:
        """Return the condition of an alert, mostly crossings."""
        return CONDITIONS[alert % len(CONDITIONS)]
