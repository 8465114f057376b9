"""Addresses of this app."""

from django.urls import path

from accounts import views, views_account, views_oidc, views_preference

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/second-step/", views.second_step, name="second-step"),
    path("sign-in/service/", views_oidc.begin, name="oidc-begin"),
    path("sign-in/service/back", views_oidc.back, name="oidc-back"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("language/", views_preference.language, name="language"),
    path("account/", views_account.account, name="account"),
    path("account/password/", views.OwnPassword.as_view(), name="password"),
    path("account/second-factor/", views_account.factor, name="second-factor"),
    path("account/second-factor/change", views_account.factor_change, name="second-factor-change"),
    path("account/prove/", views_oidc.prove, name="prove"),
    path("accounts/", views_account.accounts, name="accounts"),
]
