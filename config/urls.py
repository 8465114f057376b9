"""Every address: pages, the API of version 1, its documentation, health and problems."""

from django.urls import include, path

from config import docs, health, metrics, problems, schema

handler400 = "config.problems.bad_request"
handler403 = "config.problems.forbidden"
handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"

api_v1 = [
    path("", include("annotations.api")),
    path("", include("qc.api")),
    path("", include("reports.api")),
    path("schema", schema.view, name="schema"),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("problems/<slug:code>", problems.explain, name="problem"),
    path("api/v1/", include(api_v1)),
    path("api/docs", docs.reference, name="api-docs"),
    path("", include("accounts.urls")),
    path("", include("annotations.urls")),
    path("", include("qc.urls")),
    path("", include("reports.urls")),
]
