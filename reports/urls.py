"""Addresses of this app."""

from django.urls import path

from reports import (
    views,
    views_channels,
    views_checks,
    views_comparison,
    views_limits,
    views_outlook,
    views_protocol,
    views_releases,
    views_setup,
    views_watching,
)

urlpatterns = [
    path("", views.projects, name="projects"),
    path("p/<slug:slug>/", views.overview, name="overview"),
    path("p/<slug:slug>/row/", views.project_row, name="project-row"),
    path("p/<slug:slug>/progress/", views.work_progress, name="progress"),
    path("p/<slug:slug>/agreement/", views.agreement, name="agreement"),
    path("p/<slug:slug>/agreement/<slug:code>/", views.agreement_question, name="agreement-question"),
    path("p/<slug:slug>/agreement/<slug:code>/history/", views_outlook.history_page, name="history"),
    path("p/<slug:slug>/paper/", views_outlook.paper_page, name="paper"),
    path("p/<slug:slug>/comparison/", views_comparison.comparison_page, name="comparison"),
    path("p/<slug:slug>/study.imrmc", views_comparison.study_file, name="study-file"),
    path("p/<slug:slug>/outlook/", views_outlook.outlook_page, name="outlook"),
    path("p/<slug:slug>/readers/", views.readers_page, name="readers"),
    path("p/<slug:slug>/readers/<str:code>/", views.reader_page, name="reader"),
    path("p/<slug:slug>/readers/<str:code>/decide/", views_watching.decide_about, name="reader-decide"),
    path("p/<slug:slug>/channels/", views_channels.channels, name="channels"),
    path("p/<slug:slug>/checks/", views_checks.checks, name="checks"),
    path("p/<slug:slug>/requirements/", views_watching.requirements_page, name="requirements"),
    path("p/<slug:slug>/own/", views_watching.own_page, name="own"),
    path("p/<slug:slug>/setup/", views_setup.setup, name="setup"),
    path("p/<slug:slug>/protocol/", views_protocol.protocol, name="protocol"),
    path("p/<slug:slug>/what-if/", views_limits.what_if_page, name="what-if"),
    path("p/<slug:slug>/cases/<uuid:public_id>/", views.case, name="case"),
    path("p/<slug:slug>/releases/", views_releases.releases, name="releases"),
    path("p/<slug:slug>/releases/progress/", views_releases.releases_progress, name="releases-progress"),
    path("p/<slug:slug>/releases/<int:number>/progress/", views_releases.release_progress, name="release-progress"),
    path("p/<slug:slug>/releases/<int:number>/", views_releases.release_page, name="release"),
    path("p/<slug:slug>/releases/<int:number>/package/", views_releases.package, name="release-package"),
]
