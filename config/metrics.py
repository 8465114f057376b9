"""What a monitor may count: requests by route, work by kind; numbers only, never a name, a project or a label."""

import hmac
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from annotations.locking import now
from config.pump import KINDS, oldest_due_seconds

LOOPBACK = {"127.0.0.1", "::1"}
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("consilium_requests", "Answers of this process.", ["method", "route", "status"])
SECONDS = Histogram("consilium_request_seconds", "Time to answer, of this process.", ["route"], buckets=BOUNDS)


class Measured:
    """Counts every answer by the name of its route: addresses hold slugs and user names, names of routes do not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then count."""
        start = time.perf_counter()
        response = self._get_response(request)
        match = request.resolver_match
        route = (match.url_name or "unnamed") if match else "none"
        REQUESTS.labels(method=_method(request), route=route, status=str(response.status_code)).inc()
        SECONDS.labels(route=route).observe(time.perf_counter() - start)
        return response


class Work(Collector):
    """Where the due rows stand, asked of the database when somebody looks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the rows by kind and state, and how long the oldest has waited."""
        rows = GaugeMetricFamily("consilium_due_rows", "Rows that ask for work.", labels=["kind", "state"])
        for kind in KINDS:
            model, instant = kind.rows(), now()
            stuck = Q(attempts__gte=model.attempt_limit)
            running = Q(claimed_until__gt=instant) & ~stuck
            counts = model._base_manager.filter(due_at__isnull=False).aggregate(
                all=Count("pk"), stuck=Count("pk", filter=stuck), running=Count("pk", filter=running)
            )
            waiting = counts["all"] - counts["stuck"] - counts["running"]
            for state, count in (("waiting", waiting), ("running", counts["running"]), ("stuck", counts["stuck"])):
                rows.add_metric([model._meta.label_lower, state], count)
        yield rows
        yield GaugeMetricFamily("consilium_oldest_due_seconds", "Wait of the oldest due row.", oldest_due_seconds())


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a monitor that brings the token, or one on this machine where none is set; to others it is not there."""
    if not _is_monitor(request):
        raise Http404
    work = CollectorRegistry()
    work.register(Work())
    return HttpResponse(generate_latest(REGISTRY) + generate_latest(work), content_type=CONTENT_TYPE_LATEST)


def _is_monitor(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy everybody comes from this machine.
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers


def _method(request: HttpRequest) -> str:
    return request.method if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} else "other"
