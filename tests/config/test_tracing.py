import gzip
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.urls import reverse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from config import tracing
from tests.factories import study


@pytest.fixture
def collector(settings):
    """A collector on loopback; yields what it got."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, gzip.decompress(content) if self.headers.get("Content-Encoding") else content))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    settings.OTEL_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    settings.MIDDLEWARE = [settings.MIDDLEWARE[0], "config.tracing.Traced", *settings.MIDDLEWARE[1:]]
    yield got
    tracing.provider(settings.OTEL_ENDPOINT).shutdown()
    tracing.provider.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def spans(got, settings):
    assert tracing.provider(settings.OTEL_ENDPOINT).force_flush()
    found = []
    for path, content in got:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(content).resource_spans:
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


@pytest.mark.django_db
def test_a_request_becomes_a_span_that_names_nobody(collector, settings, cast):
    study(cast.mira, {}, slug="a-secret-slug")
    client = Client()
    client.force_login(cast.mira)
    answer = client.get(reverse("overview", args=["a-secret-slug"]), {"q": "a-patient"})
    assert client.get("/p/nowhere-at-all/").status_code == 404
    first, second = spans(collector, settings)
    values = {one.key: one.value for one in first.attributes}
    assert first.name == values["http.route"].string_value == "overview"
    assert values["http.response.status_code"].int_value == 200
    assert values["consilium.request_id"].string_value == answer["X-Request-ID"]
    assert values["consilium.queries"].int_value > 0 and values["consilium.query_seconds"].double_value > 0
    assert second.name == "overview"
    everything = b"".join(content for _, content in collector)
    for word in (b"a-secret-slug", b"a-patient", b"mira", b"SELECT", b"nowhere-at-all", b"Lindqvist"):
        assert word not in everything


@pytest.mark.django_db
def test_a_collector_that_is_away_keeps_nobody_waiting(settings, monkeypatch):
    monkeypatch.setattr(tracing, "TIMEOUT_SECONDS", 0.2)
    settings.OTEL_ENDPOINT = "http://127.0.0.1:9"
    settings.MIDDLEWARE = ["config.tracing.Traced", *settings.MIDDLEWARE]
    assert Client().get("/healthz").status_code == 200
    tracing.provider(settings.OTEL_ENDPOINT).shutdown()
    tracing.provider.cache_clear()


def test_without_a_collector_the_library_is_not_even_imported():
    code = "import django; django.setup(); import config.wsgi, sys; print('opentelemetry.sdk' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
