"""What the fields of the settings routes mean."""

from api.schema.meanings import FieldMeanings, text, unix_time

FIELD_MEANINGS: FieldMeanings = {
    "prefix": text("the terminal whose setting it is: web, mobile, …"),
    "name": text("the setting's name"),
    "value": {"description": "any JSON value"},
    "values": {"description": "many settings by name, all or none"},
    "updated_time": unix_time("its last change"),
}
