"""Sends a span of each request to an OpenTelemetry collector, where one is named: numbers and routes, never a name."""

from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from config.requests import request_id

TIMEOUT_SECONDS = 5


@cache
def provider(endpoint: str) -> TracerProvider:
    """Return what collects spans of this process and sends them in the background."""
    resource = Resource.create({"service.name": "consilium", "service.version": settings.VERSION})
    made = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=TIMEOUT_SECONDS)
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


class Queries:
    """Counts the questions to the database and their time; their text may hold names, so it is not kept."""

    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's
        """Run one question."""
        start = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.number += 1
            self.seconds += perf_counter() - start


class Traced:
    """Makes one span a request, by the name of its route: addresses hold slugs and user names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.tracer = provider(settings.OTEL_ENDPOINT).get_tracer("consilium")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within a span. What a caller says of an outer trace is not believed."""
        queries = Queries()
        with self.tracer.start_as_current_span(
            "request", kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            with connection.execute_wrapper(queries):
                response = self.get_response(request)
            match = request.resolver_match
            route = (match.url_name or "unnamed") if match else "none"
            span.update_name(route)
            span.set_attributes(
                {
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                    "consilium.request_id": request_id(),
                    "consilium.queries": queries.number,
                    "consilium.query_seconds": queries.seconds,
                }
            )
            if response.status_code >= 500:
                span.set_status(Status(StatusCode.ERROR))
        return response
