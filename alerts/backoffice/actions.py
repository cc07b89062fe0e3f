"""Staff actions that send deliveries again, where the deliveries are seen."""

from typing import ClassVar, TypeVar

from django import forms
from django.db.models import Model, QuerySet

from alerts.deliveries import resend
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.models import Alert, AlertLog
from audit.recording import AuditNote
from backoffice.actions.action import Action, ActionResult, ReasonAnswers
from backoffice.actions.forms import MAX_REASON_LENGTH, ActionForm, AnyActionForm
from core.users import User

MOST = 500  # deliveries at once, the oldest first
Row = TypeVar("Row", bound=Model)


class ResendForm(ActionForm[Model]):
    """The reason may stay empty: nothing of the client's is changed."""

    reason = forms.CharField(max_length=MAX_REASON_LENGTH, required=False)


class SendAgain(Action[Row, ReasonAnswers]):
    """Restart the retries of what belongs to the row and can be sent."""

    name, title, icon = "send_again", "Send again", "send"
    permission = "alerts.resend_delivery"
    form: ClassVar[type[AnyActionForm]] = ResendForm

    def deliveries(self, obj: Row) -> QuerySet[Delivery]:
        """Return the deliveries of the row that are meant."""
        raise NotImplementedError

    def applies(self, obj: Row) -> bool:
        return resend.resendable(self.deliveries(obj)).exists()

    def locked(self, obj: Row) -> Row:
        """Return the row as it is now: its deliveries are changed, and locked by the service."""
        return type(obj)._default_manager.get(pk=obj.pk)

    def run(self, actor: User, obj: Row, data: ReasonAnswers) -> ActionResult:
        chosen = list(self.deliveries(obj).order_by("pk").values_list("pk", flat=True)[:MOST])
        sent = resend.resend_deliveries(chosen)
        noted = Delivery.objects.filter(pk__in=sent).select_related("address")
        notes = [AuditNote(self.name, one, data["reason"], {}, {}) for one in noted if one != obj]
        number = "1 delivery" if len(sent) == 1 else f"{len(sent)} deliveries"
        return ActionResult(f"{number} will be sent again.", obj, audit_notes=notes)


class SendDelivery(SendAgain[Delivery]):
    """Send this delivery once more, whatever became of it."""

    model = "alerts.delivery"

    def deliveries(self, obj: Delivery) -> QuerySet[Delivery]:
        return Delivery.objects.filter(pk=obj.pk)


class SendFiring(SendAgain[AlertLog]):
    """Send all deliveries of a firing once more."""

    model = "alerts.alertlog"

    def deliveries(self, obj: AlertLog) -> QuerySet[Delivery]:
        return Delivery.objects.filter(log=obj.pk)


class SendAlert(SendAgain[Alert]):
    """Send again what of this alert's firings has not been delivered."""

    model = "alerts.alert"

    def deliveries(self, obj: Alert) -> QuerySet[Delivery]:
        return Delivery.objects.filter(log__alert=obj.pk).exclude(state=DeliveryState.DELIVERED)


class SendToAddress(SendAgain[Address]):
    """Send again what has not been delivered to this address."""

    model = "alerts.address"

    def deliveries(self, obj: Address) -> QuerySet[Delivery]:
        return Delivery.objects.filter(address=obj.pk).exclude(state=DeliveryState.DELIVERED)


ACTIONS = (SendDelivery, SendFiring, SendAlert, SendToAddress)
