"""Addresses of this app."""

from django.urls import path

from annotations import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("theme/", views.theme, name="theme"),
    path("p/<slug:slug>/read/", views.worklist, name="worklist"),
    path("p/<slug:slug>/read/next/", views.next_case, name="next-case"),
    path("p/<slug:slug>/read/<uuid:public_id>/", views.read_case, name="reading"),
    path("p/<slug:slug>/read/<uuid:public_id>/answers", views.save_answers, name="reading-answers"),
    path("p/<slug:slug>/read/<uuid:public_id>/withdraw", views.withdraw, name="reading-withdraw"),
    path("p/<slug:slug>/read/<uuid:public_id>/finish", views.finish, name="reading-finish"),
    path("p/<slug:slug>/read/<uuid:public_id>/voxels", views.voxels, name="reading-voxels"),
]
