"""Addresses of this app."""

from django.urls import path

from qc import views

urlpatterns = [
    path("p/<slug:slug>/queue/", views.queue, name="queue"),
    path("p/<slug:slug>/queue/next/", views.next_dispute, name="next-dispute"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/", views.dispute, name="dispute"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/decision", views.decide, name="dispute-decision"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/look", views.look, name="dispute-look"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/refer", views.refer, name="dispute-refer"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/draft", views.save_draft, name="dispute-draft"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/renew", views.renew, name="dispute-renew"),
    path("p/<slug:slug>/disputes/<uuid:public_id>/release", views.give_back, name="dispute-give-back"),
]
