"""Headers that many operations share, as OpenAPI components (see `api.schema.autoschema`)."""


def _make_header(description: str, **schema: object) -> dict[str, object]:
    return {"description": description, "schema": schema}


COMPONENTS: dict[str, dict[str, object]] = {
    "headers": {
        "X-RateLimit-Limit": _make_header("requests that the tightest rule allows", type="integer"),
        "X-RateLimit-Remaining": _make_header("requests that it has left", type="integer"),
        "X-RateLimit-Reset": _make_header("unix time when it is all free again", type="integer"),
        "Retry-After": _make_header("seconds to wait", type="integer"),
        "X-Account-Seq": _make_header("the account's event seq after the write", type="integer"),
        "Idempotent-Replay": _make_header(
            "this is the first answer again", type="string", const="true"
        ),
    },
    "parameters": {
        "Idempotency-Key": {
            "in": "header",
            "name": "Idempotency-Key",
            "description": "Repeated with the same key, the write takes effect once.",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
        }
    },
}
