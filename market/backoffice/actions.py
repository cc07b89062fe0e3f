"""Staff actions on symbols: pausing and resuming their trading."""

from django import forms

from accounts.models import User
from backoffice.actions.action import (
    Action,
    ActionPreview,
    ActionResult,
    AnyAction,
    AuditValues,
    ReasonAnswers,
)
from backoffice.actions.forms import ActionForm
from market.enums import TradeMode
from market.models import Symbol

PAUSES = (
    (TradeMode.NO, "Nothing: stops, stop-outs and pending orders wait as well"),
    (TradeMode.CLOSE_ONLY, "Closing only: no new positions"),
)


class PauseAnswers(ReasonAnswers):
    """What `PauseForm` asks: the `TradeMode` of the pause."""

    trade: int


class PauseForm(ActionForm[Symbol]):
    """What is still possible during the pause."""

    trade = forms.TypedChoiceField(label="Still possible", coerce=int, choices=PAUSES)


def label_of_mode(mode: int) -> str:
    """Return what a symbol's mode means, in a dealer's words."""
    labels = {TradeMode.NO: "disabled", TradeMode.CLOSE_ONLY: "close only"}
    return labels.get(TradeMode(mode), "enabled")


class PauseTrading(Action[Symbol, PauseAnswers]):
    """An action that pauses the trading of a symbol, for all clients at once."""

    model = "market.symbol"
    name = "pause"
    title = "Pause trading"
    icon = "pause_circle"
    permission = "market.change_symbol"
    form = PauseForm
    on_row = previews = danger = True

    def applies(self, obj: Symbol) -> bool:
        return obj.trade != TradeMode.NO

    def state(self, obj: Symbol) -> AuditValues:
        return trading_state(obj)

    def preview(self, obj: Symbol, data: PauseAnswers) -> ActionPreview:
        warning = "Nobody can close until it is resumed."
        return mode_preview(obj, data["trade"], [] if data["trade"] else [warning])

    def run(self, actor: User, obj: Symbol, data: PauseAnswers) -> ActionResult:
        return set_trade_mode(obj, TradeMode(data["trade"]))


class ResumeTrading(Action[Symbol, ReasonAnswers]):
    """An action that lets a symbol be traded again without restrictions."""

    model = "market.symbol"
    name = "resume"
    title = "Resume trading"
    icon = "play_circle"
    permission = "market.change_symbol"
    on_row = previews = True

    def applies(self, obj: Symbol) -> bool:
        return obj.trade != TradeMode.FULL

    def state(self, obj: Symbol) -> AuditValues:
        return trading_state(obj)

    def preview(self, obj: Symbol, data: ReasonAnswers) -> ActionPreview:
        return mode_preview(obj, TradeMode.FULL, [])

    def run(self, actor: User, obj: Symbol, data: ReasonAnswers) -> ActionResult:
        return set_trade_mode(obj, TradeMode.FULL)


def trading_state(symbol: Symbol) -> AuditValues:
    """Return what the audit stores of a symbol that is paused or resumed."""
    return {"trading": label_of_mode(symbol.trade)}


def mode_preview(symbol: Symbol, mode: int, warnings: list[str]) -> ActionPreview:
    """Return the symbol's mode before and after."""
    row = (f"Trading of {symbol}", label_of_mode(symbol.trade), label_of_mode(mode))
    return ActionPreview([row], warnings)


def set_trade_mode(symbol: Symbol, mode: TradeMode) -> ActionResult:
    """Set whether the symbol is traded; every process has it within two seconds."""
    symbol.trade = mode
    symbol.save(update_fields=["trade"])
    return ActionResult(f"Trading of {symbol} is {label_of_mode(mode)}.", symbol)


ACTIONS: tuple[type[AnyAction], ...] = (PauseTrading, ResumeTrading)
