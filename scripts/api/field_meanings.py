"""What the fields of the script routes mean."""

from api.schema.meanings import FieldMeanings, flag, integer, text, unix_time

FIELD_MEANINGS: FieldMeanings = {
    "id": integer("the script's number"),
    "name": text("the script's name"),
    "script": text("its source"),
    "description": text("what it is for"),
    "kind": text("indicator, robot, strategy or widget"),
    "language": text("of the source"),
    "type": text("private or public"),
    "visibility": text("private, or public: every client reads it"),
    "autostart": flag("1: the terminal starts it by itself"),
    "enabled": flag("1: it may run"),
    "created_time": unix_time("it was made"),
    "updated_time": unix_time("its last change"),
}
