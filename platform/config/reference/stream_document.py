"""The AsyncAPI 3 document of the stream, made of the frames."""

import yaml

from config.reference.stream_frames import OBJECT_FRAMES, ArrayFrame, ObjectFrame, array_frames

Part = dict[str, object]


def build_document() -> Part:
    """Return the document."""
    arrays = {frame.title: _array_message(frame) for frame in array_frames()}
    objects = {frame.name: _object_message(frame) for frame in OBJECT_FRAMES}
    from_server = [*arrays, *(one.name for one in OBJECT_FRAMES if one.sender == "server")]
    from_client = [one.name for one in OBJECT_FRAMES if one.sender == "client"]
    messages = {**arrays, **objects}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Broker platform: the client stream",
            "version": "1.0.0",
            "description": "Increments over a WebSocket; REST gives the snapshot.",
        },
        "channels": {
            "stream": {
                "address": "/ws",
                "messages": {name: _reference(f"components/messages/{name}") for name in messages},
            }
        },
        "operations": {
            "fromServer": _operation("send", from_server),
            "fromClient": _operation("receive", from_client),
        },
        "components": {"messages": messages},
    }


def document_text() -> str:
    """Return the document as YAML."""
    return yaml.safe_dump(build_document(), sort_keys=False, allow_unicode=True, width=100)


def _array_message(frame: ArrayFrame) -> Part:
    columns = [{"title": name, **schema} for name, schema in frame.fields]
    return {
        "name": frame.letter,
        "title": frame.title,
        "summary": frame.summary,
        "contentType": "application/json",
        "payload": {
            "type": "array",
            "prefixItems": [{"const": frame.letter}, *columns],
            "minItems": len(columns) + 1,
            "maxItems": len(columns) + 1,
        },
    }


def _object_message(frame: ObjectFrame) -> Part:
    return {
        "name": frame.name,
        "summary": frame.summary,
        "contentType": "application/json",
        "payload": {"type": "object", "required": [*frame.example][:1]},
        "examples": [{"payload": frame.example}],
    }


def _operation(action: str, names: list[str]) -> Part:
    messages = [_reference(f"channels/stream/messages/{name}") for name in names]
    return {"action": action, "channel": _reference("channels/stream"), "messages": messages}


def _reference(path: str) -> Part:
    return {"$ref": f"#/{path}"}
