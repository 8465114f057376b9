"""What the OpenAPI schema says beyond the views: bearer tokens and the problem of every operation."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView

# Served from here, so that whoever asks for the schema has loaded the extension below.
view = SpectacularAPIView.as_view()

METHODS = {"get", "put", "post", "patch", "delete"}

FAULT = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer into the request."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer"},
    },
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `type` resolves to a page that explains it; `code` repeats its last part.",
    "required": ["type", "title", "status", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The request id, also in X-Request-ID."},
        "data": {"type": "object", "additionalProperties": True},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
}


class BearerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes annotations.authentication.BearerToken."""

    target_class = "annotations.authentication.BearerToken"
    name = "bearerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the security scheme object."""
        return {"type": "http", "scheme": "bearer"}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001
    """Declare the problem as the answer of every operation that does not succeed."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(Fault=FAULT, Problem=PROBLEM)
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if method in METHODS:
                operation["responses"]["default"] = {"description": "Refused or failed.", "content": content}
    return result
