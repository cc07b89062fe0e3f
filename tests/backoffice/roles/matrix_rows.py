"""A row of every model, and for every action a row that it applies to, with valid fields."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.urls import reverse

from accounts.enums import SessionType
from accounts.models import Account, User
from alerts.deliveries.enums import AddressState, Channel
from alerts.models import Address, Alert, Delivery
from audit.models import SignIn
from backoffice.models import Approval
from core.clock import now_ms
from market.enums import TradeMode
from market.models import Symbol
from staff_auth import second_factor
from staff_auth.errors import WrongCode
from tests import factories
from tests.conftest import staff
from trading import services
from trading.enums import Cmd
from trading.models import MarginAction, Trade
from trading.services import ledger

DAY = 86_400_000  # ms
VISITOR = 50  # whose permissions the matrix tries
NEW_STAFF = {"name": "Nell", "email": "nell@example.com", "type": "3"}
Act = tuple[Any, dict[str, Any]]  # the row, None for a new one, and what is filled in


@dataclass
class Rows:
    """Rows of the matrix; `acts` by `model/name` of the action."""

    acts: dict[str, Act]

    def of(self, model: type[Model]) -> Model:
        """A row of the model; of users, a client."""
        known = model._base_manager.all()
        row = known.filter(pk=100001).first() if model is User else known.first()
        assert row, f"there is no row of {model._meta.label}"
        return row

    def route(self, name: str) -> str:
        """The address of a page that not every model has."""
        arguments: dict[str, list[Any]] = {
            "app_list": ["scripts"],
            "auth_user_password_change": [100001],
            "trading_report_export": ["csv"],
            "trading_statement": [100001],
            "trading_statement_file": [100001, "csv"],
            "trading_trade_explain": [self.of(Trade).pk],
            "trading_marginaction_explain": [self.of(MarginAction).pk],
        }
        full_name = name if name == "dashboard_data" else f"admin:{name}"
        return reverse(full_name, args=arguments.get(name, []))


def approval(asked_by: User) -> Approval:
    """A deposit of 500 dollars that waits for a second person."""
    return Approval.objects.create(
        asked_by=asked_by, asked_at=now_ms(), expires_at=now_ms() + DAY, model="accounts.account",
        key="100001", action="deposit", title="Deposit", login=100001, amount=Decimal(500),
        currency="USD", reason="r", data={"amount": "500", "comment": "", "reason": "r"},
    )  # fmt: skip


def lost(login: int) -> User:
    """Create a staff user who lost the second factor and is locked out."""
    user = staff(login, "Lou", SessionType.DEALER, "dealer")
    second_factor.enrol_user(user=user, secret=second_factor.generate_secret(), step=0)
    tries = [
        SignIn(time=now_ms(), login=login, door=SignIn.Door.ADMIN, outcome=WrongCode.outcome)
        for _ in range(30)
    ]
    SignIn.objects.bulk_create(tries)
    return user


def account_actions(alice: Account) -> dict[str, Act]:
    """Return the actions on Alice's account, and the one that opens another."""
    group = alice.group.pk
    new = {"name": "New", "email": "new@example.com", "group": group, "leverage": "50"}
    return {
        **{name: (alice, {}) for name in ("disable", "read-only", "end-sessions")},
        **{name: (alice, {"amount": "5"}) for name in ("deposit", "withdraw")},
        **{name: (alice, {"amount": "5"}) for name in ("credit-in", "credit-out")},
        "open": (None, new),
        "reset-password": (alice, {}),
        "terms": (alice, {"group": group, "leverage": "60"}),
        "send-statement": (alice, {"first": "2026-01-01", "last": "2026-01-31", "file": "csv"}),
        "open-trade": (alice, {"cmd": 0, "symbol": "EURUSD", "lots": "0.1"}),
        **{name: (alice, {}) for name in ("close-all", "cancel-all")},
    }


def symbol_actions(symbol: Symbol) -> dict[str, Act]:
    """Return the actions on a symbol with orders, and on one that is paused."""
    paused = factories.symbol("GBPUSD", trade=TradeMode.NO)
    return {
        "market.symbol/pause": (symbol, {"trade": "1"}),
        "market.symbol/resume": (paused, {}),
        **{f"market.symbol/{name}": (symbol, {}) for name in ("close-positions", "cancel-orders")},
    }


def delivery_actions() -> dict[str, Act]:
    """Return the actions that send again, with the rows of an alert's delivery."""
    Address.objects.update(state=AddressState.VERIFIED)
    delivery = Delivery.objects.get()
    rows = (delivery, delivery.log, delivery.address, Alert.objects.get())
    return {f"{row._meta.label_lower}/send_again": (row, {}) for row in rows if row}


def create_rows(alice: Account, position: Trade, pending: Trade) -> Rows:
    """Create a row for every page and action."""
    group = alice.group
    Address.objects.create(
        account=alice, channel=Channel.EMAIL, address="a@example.com", state=AddressState.VERIFIED,
        created_at=1, updated_at=1,
    )  # fmt: skip
    disabled = factories.client(100010, group, name="Dis")
    User.objects.filter(pk=100010).update(enable=False)
    quiet = factories.client(100011, group, name="Quiet")
    Account.objects.filter(pk=100011).update(enable_read_only=True)
    ledger.post_operation(login=100001, cmd=Cmd.CREDIT_IN, amount=Decimal(100))
    services.close_position(login=100001, order=position.order, volume=10)
    closed = Trade.objects.get(parent=position)
    deposit = Trade.objects.get(account=alice, cmd=Cmd.BALANCE_IN)
    waiting, locked_out = approval(staff(51, "Ben", SessionType.MANAGER, "manager")), lost(52)
    own = User.objects.filter(pk=VISITOR).first()
    trades: dict[str, Act] = {
        "close": (position, {"lots": "0.1"}),
        "modify": (pending, {"price": "1.04", "sl": "0", "tp": "0"}),
        "cancel": (pending, {}),
        "correct": (closed, {"amount": "1"}),
        "reverse": (deposit, {}),
    }
    return Rows(
        {
            **{f"accounts.account/{name}": act for name, act in account_actions(alice).items()},
            "accounts.account/enable": (disabled, {}),
            "accounts.account/trade-again": (quiet, {}),
            **{f"trading.trade/{name}": act for name, act in trades.items()},
            **symbol_actions(position.instrument),
            "accounts.user/reset_second_factor": (locked_out, {}),
            "accounts.user/unlock": (locked_out, {}),
            "accounts.user/add-staff": (None, NEW_STAFF),
            **delivery_actions(),
            "backoffice.approval/approve": (waiting, {}),
            "backoffice.approval/refuse": (waiting, {}),
            "backoffice.approval/cancel": (approval(own or waiting.asked_by), {}),
        }
    )
