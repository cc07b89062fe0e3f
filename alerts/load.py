"""Millions of alerts, log rows and deliveries, for `manage.py seed_load`."""

from collections.abc import Iterator

from alerts import totals
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.enums import Condition, Status
from alerts.models import Address, Alert, AlertLog, Delivery
from backoffice.loading import Copy, Plan, bare, continue_after, continue_from
from market.models import Symbol
from market.quotes import BATCH_SIZE

AT_ONCE = 50_000
LOGS_EACH = 5  # of an alert
ADDRESSES = 10  # one account in so many has an address
CONDITIONS = (*[Condition.CROSSING_UP] * 4, *[Condition.CROSSING_DOWN] * 4, *list(Condition))
STATES = (*[Status.TRIGGERED] * 5, Status.DELETED, Status.DISABLED, Status.EXPIRED)
ALERT = (
    "id", "account_id", "symbol_id", "indicator_name", "side", "condition", "repeat_mode", "status",
    "target_price", "created_at", "updated_at", "triggered_at", "fresh",
)  # fmt: skip
LOG = (
    "id", "alert_id", "login", "symbol", "indicator_name", "side", "condition", "target_price",
    "triggered_price", "triggered_at", "previous_price", "quote_time", "quote_number",
    "evaluated_at", "hidden",
)  # fmt: skip
ADDRESS = ("id", "account_id", "channel", "address", "state", "created_at", "updated_at")
DELIVERY = (
    "address_id", "log_id", "state", "attempts", "answer", "next_try", "created_at", "done_at",
)  # fmt: skip


def load(plan: Plan, *, force: bool) -> None:
    """Load fired alerts with their logs, addresses and deliveries; count the daily totals."""
    maker = Maker(plan)
    with bare(Alert, AlertLog, Delivery, Address):
        for model, columns, rows in (
            (Alert, ALERT, maker.alerts()),
            (AlertLog, LOG, maker.logs()),
            (Address, ADDRESS, maker.addresses()),
            (Delivery, DELIVERY, maker.deliveries()),
        ):
            copy = Copy(model, *columns)
            while lines := [line for _, line in zip(range(AT_ONCE), rows, strict=False)]:
                copy.write(lines)
    continue_from(Alert, maker.alert + maker.count)
    continue_from(AlertLog, maker.log + plan.logs)
    continue_from(Address, maker.address + plan.accounts // ADDRESSES + 1)
    totals.recount()


class Maker:
    """Generates the rows in the order of time: log n belongs to alert n modulo their count."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.count = plan, max(1, plan.logs // LOGS_EACH)
        self.alert, self.log = continue_after(Alert), continue_after(AlertLog)
        self.address = continue_after(Address)
        rows = Symbol.objects.exclude(demo_price=0).order_by("name")
        self.symbols = [(symbol.name, f"{symbol.demo_price:.5f}") for symbol in rows]

    def owner(self, alert: int) -> int:
        """Return the number of the alert's account."""
        return alert * 7919 % self.plan.accounts

    def alerts(self) -> Iterator[str]:
        """Yield the alerts; one in eight is active and unevaluated, so that windows find it."""
        for n in range(self.count):
            name, price = self.symbols[n * n % len(self.symbols)]
            active = n % 8 == 0
            status = Status.ACTIVE if active else STATES[n % len(STATES)]
            time = self.plan.moment(n / self.count * 0.8)
            condition = Condition.CROSSING_UP if active else self.condition(n)
            target = float(price) * 3 if active else price
            yield (
                f"{self.alert + n}\t{self.plan.login(self.owner(n))}\t{name}\tload\t{n % 2}"
                f"\t{condition}\t1\t{status}\t{target}\t{time}\t{time}"
                f"\t{0 if active else time + 60}\t{active}"
            )

    def logs(self) -> Iterator[str]:
        """Yield the logs, each with its own quote."""
        for n in range(self.plan.logs):
            alert = n % self.count
            name, price = self.symbols[alert * alert % len(self.symbols)]
            time = self.plan.moment(n / self.plan.logs)
            ms = time * 1000 + n % 1000
            yield (
                f"{self.log + n}\t{self.alert + alert}\t{self.plan.login(self.owner(alert))}"
                f"\t{name}\tload\t{alert % 2}\t{self.condition(alert)}\t{price}\t{price}\t{time}"
                f"\t{price}\t{ms}\t{ms * BATCH_SIZE + n % BATCH_SIZE}\t{ms + 40}\t{n % 97 == 0}"
            )

    def addresses(self) -> Iterator[str]:
        """Yield verified or switched-off addresses, for which nothing waits."""
        for n in range(0, self.plan.accounts, ADDRESSES):
            time = self.plan.moment(n / self.plan.accounts)
            channel = Channel.WEBHOOK if n % 30 == 0 else Channel.EMAIL
            where = f"https://hooks{n}.example/in" if channel else f"client{n}@mail{n % 7}.example"
            state = AddressState.OFF if n % 990 == 0 else AddressState.VERIFIED
            key, login = self.address + n // ADDRESSES, self.plan.login(n)
            yield f"{key}\t{login}\t{channel}\t{where}\t{state}\t{time}\t{time}"

    def deliveries(self) -> Iterator[str]:
        """Yield completed deliveries."""
        for n in range(self.plan.logs):
            owner = self.owner(n % self.count)
            if owner % ADDRESSES:
                continue
            ms = self.plan.moment(n / self.plan.logs) * 1000
            end = f"{DeliveryState.DELIVERED}\t1\t250 OK"
            if n % 370 == 0:
                end = f"{DeliveryState.GIVEN_UP}\t9\tno answer"
            key = self.address + owner // ADDRESSES
            yield f"{key}\t{self.log + n}\t{end}\t{ms}\t{ms}\t{ms + 300}"

    @staticmethod
    def condition(alert: int) -> int:
        """Return the condition of an alert, mostly crossings."""
        return CONDITIONS[alert % len(CONDITIONS)]
