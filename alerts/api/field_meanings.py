"""What the fields of the alert routes mean."""

from alerts.enums import AlertSide, AlertStatus, Condition, RepeatMode
from api.schema.meanings import FieldMeanings, enum_value, integer, number, text, unix_time

FIELD_MEANINGS: FieldMeanings = {
    "id": integer("the alert's number, or that of a row of the log"),
    "alert_id": integer("the alert that fired"),
    "symbol": text("the symbol's name, sent in either case"),
    "indicator_name": text("free text of the client's: what drew the level"),
    "message": text("free text of the client's, sent when the alert fires"),
    "side": enum_value(AlertSide, "the price that is watched"),
    "condition": enum_value(Condition),
    "repeat_mode": enum_value(RepeatMode),
    "status": enum_value(AlertStatus),
    "target_price": number("the level of conditions 0 to 3 and 12"),
    "channel_low": number("lower bound of conditions 4 to 7"),
    "channel_high": number("upper bound of conditions 4 to 7"),
    "move_threshold": number("the move of conditions 8 to 11, in price or percent"),
    "reference_price": number("what a move is measured from"),
    "reference_time": unix_time("since when a move is measured"),
    "created_at": unix_time("the alert was made"),
    "updated_at": unix_time("its last change"),
    "expires_at": unix_time("its end, 0 for none"),
    "triggered_at": unix_time("its last firing, 0 before it"),
    "triggered_price": number("the price of its last firing, 0 before it"),
    "cooldown": integer("seconds between two firings of an alert that repeats"),
}
