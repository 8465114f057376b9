"""Addresses of this app."""

from django.urls import path

from annotations import (
    views,
    views_images,
    views_people,
    views_questions,
    views_reads,
    views_seats,
    views_seen,
    views_setup,
)

urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("new/", views_setup.new_project, name="new-project"),
    path("p/<slug:slug>/setup/questions/", views_questions.questions, name="setup-questions"),
    path("p/<slug:slug>/setup/cases/", views_setup.cases, name="setup-cases"),
    path("p/<slug:slug>/setup/images/", views_images.images, name="setup-images"),
    path("p/<slug:slug>/setup/people/", views_people.people, name="setup-people"),
    path("p/<slug:slug>/seen/", views_seen.seen, name="seen"),
    path("p/<slug:slug>/seen/file", views_seen.seen_file, name="seen-file"),
    path("p/<slug:slug>/setup/seats/", views_seats.seats, name="setup-seats"),
    path("p/<slug:slug>/setup/reads/", views_reads.reads, name="setup-reads"),
    path("p/<slug:slug>/setup/reads/<uuid:public_id>/", views_reads.file_of_reads, name="setup-file"),
    path("p/<slug:slug>/read/", views.worklist, name="worklist"),
    path("p/<slug:slug>/read/next/", views.next_case, name="next-case"),
    path("p/<slug:slug>/read/<uuid:public_id>/", views.read_case, name="reading"),
    path("p/<slug:slug>/read/<uuid:public_id>/answers", views.save_answers, name="reading-answers"),
    path("p/<slug:slug>/read/<uuid:public_id>/withdraw", views.withdraw, name="reading-withdraw"),
    path("p/<slug:slug>/read/<uuid:public_id>/finish", views.finish, name="reading-finish"),
    path("p/<slug:slug>/read/<uuid:public_id>/voxels", views.voxels, name="reading-voxels"),
]
