import json

import pytest
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.authentication import new_token, token_digest
from annotations.errors import Conflict, InvalidInput
from annotations.locking import now
from annotations.models import ApiToken
from config import urls as project_urls


class Answer(serializers.Serializer):
    level = serializers.IntegerField(max_value=5)
    tags = serializers.ListField(child=serializers.IntegerField())


class Open(APIView):
    permission_classes = ()

    def get(self, request, what):
        if what == "missing":
            raise Http404
        if what == "crash":
            raise RuntimeError("Patient Jane Doe")
        raise Conflict("Held until 14:20.", data={"dispute": 7})

    def post(self, request, what):
        form = Answer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(form.data)


class Closed(APIView):
    def get(self, request):
        return Response({"user": request.user.username})

    def post(self, request):
        return Response({})


def page(request, what):
    if what == "refused":
        raise InvalidInput("Two values do not fit.", errors=[{"pointer": "#/a", "code": "no", "detail": "A is wrong"}])
    if what == "crash":
        raise RuntimeError("Patient Jane Doe")
    return HttpResponse("ok")


urlpatterns = [
    path("api/v1/open/<slug:what>", Open.as_view()),
    path("api/v1/closed", Closed.as_view()),
    path("page/<slug:what>", page),
    path("", include(project_urls)),
]
handler400, handler403 = project_urls.handler400, project_urls.handler403
handler404, handler500 = project_urls.handler404, project_urls.handler500

pytestmark = pytest.mark.urls(__name__)


def problem_of(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == status
    assert body["instance"] == response["X-Request-ID"]
    assert body["instance"].startswith("urn:uuid:")
    assert body["type"] == "about:blank" or body["type"].endswith("/problems/" + body["code"])
    return body


class TestRefusalsOfTheApi:
    def test_a_domain_error_says_code_detail_and_data(self, client):
        body = problem_of(client.get("/api/v1/open/held"), 409)
        assert body["type"] == "http://testserver/problems/conflict"
        assert (body["code"], body["detail"], body["data"]) == ("conflict", "Held until 14:20.", {"dispute": 7})

    def test_the_type_resolves_to_a_page_that_explains_it(self, client):
        page = client.get(client.get("/api/v1/open/held").json()["type"])
        assert page.status_code == 200
        assert "does not allow the action now" in page.content.decode()
        assert client.get("/problems/no-such-thing").status_code == 404

    def test_invalid_input_points_at_each_fault(self, client):
        answer = client.post("/api/v1/open/x", {"level": 9, "tags": [1, "b"]}, content_type="application/json")
        body = problem_of(answer, 422)
        assert body["code"] == "invalid-input"
        assert {fault["pointer"]: fault["code"] for fault in body["errors"]} == {
            "#/level": "max-value",
            "#/tags/1": "invalid",
        }

    @pytest.mark.parametrize("text", ["{", '{"level": NaN}', '{"level": Infinity}', "[" * 5000, b"\xff\xfe"])
    def test_malformed_json_is_400(self, client, text):
        assert (
            problem_of(client.post("/api/v1/open/x", text, content_type="application/json"), 400)["code"] == "malformed"
        )

    def test_a_body_that_is_too_large_is_413(self, client, settings):
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        problem_of(client.post("/api/v1/open/x", {"tags": [1] * 100}, content_type="application/json"), 413)

    def test_an_unknown_medium_is_415(self, client):
        problem_of(client.post("/api/v1/open/x", "a,b", content_type="text/csv"), 415)

    def test_a_missing_thing_and_a_missing_address_are_404(self, client):
        assert problem_of(client.get("/api/v1/open/missing"), 404)["code"] == "not-found"
        assert problem_of(client.get("/api/v1/no/such/address"), 404)["type"] == "about:blank"

    def test_a_wrong_method_is_405_and_an_unknown_format_406(self, client):
        problem_of(client.delete("/api/v1/open/x"), 405)
        problem_of(client.get("/api/v1/open/held", headers={"accept": "application/pdf"}), 406)

    def test_a_crash_says_nothing_but_the_request_id(self, client):
        client.raise_request_exception = False
        answer = client.get("/api/v1/open/crash")
        assert set(problem_of(answer, 500)) == {"type", "title", "status", "code", "instance"}
        assert b"Jane" not in answer.content


@pytest.mark.django_db
class TestSigningIn:
    def token(self, **fields):
        user = User.objects.create_user("robot", password="not used")
        secret = new_token()
        ApiToken.objects.create(user=user, name="ci", digest=token_digest(secret), created_at=now(), **fields)
        return secret

    def get(self, client, secret):
        return client.get("/api/v1/closed", headers={"authorization": f"Bearer {secret}"})

    def test_nobody_is_401_with_a_challenge(self, client):
        answer = client.get("/api/v1/closed")
        assert problem_of(answer, 401)["code"] == "not-signed-in"
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_a_token_signs_its_owner_in_and_is_not_stored(self, client):
        secret = self.token()
        assert self.get(client, secret).json() == {"user": "robot"}
        assert secret not in str(ApiToken.objects.values())

    def test_a_wrong_revoked_or_expired_token_is_401(self, client):
        secret = self.token()
        problem_of(self.get(client, "wrong"), 401)
        problem_of(self.get(client, f"{secret} more"), 401)
        ApiToken.objects.update(expires_at=now())
        problem_of(self.get(client, secret), 401)
        ApiToken.objects.update(expires_at=None, revoked_at=now())
        problem_of(self.get(client, secret), 401)

    def test_a_token_of_someone_who_left_is_401(self, client):
        secret = self.token()
        User.objects.update(is_active=False)
        problem_of(self.get(client, secret), 401)

    def test_a_session_needs_the_form_token_too(self):
        user = User.objects.create_user("mira")
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        problem_of(client.post("/api/v1/closed", {}, content_type="application/json"), 403)


@pytest.mark.django_db
class TestPages:
    def test_a_refusal_is_a_page_with_its_status(self, client):
        answer = client.get("/page/refused")
        text = answer.content.decode()
        assert answer.status_code == 422
        assert answer["Content-Type"].startswith("text/html")
        for part in ("Two values do not fit.", "A is wrong", "/problems/invalid-input", answer["X-Request-ID"]):
            assert part in text

    def test_a_module_that_sends_json_gets_a_problem(self, client):
        problem_of(client.post("/page/refused", {}, content_type="application/json"), 422)
        problem_of(client.get("/page/refused", headers={"accept": "application/json"}), 422)

    def test_a_crash_is_a_page_with_the_reference_only(self, client):
        client.raise_request_exception = False
        answer = client.get("/page/crash")
        assert answer.status_code == 500
        assert answer["X-Request-ID"] in answer.content.decode()
        assert b"Jane" not in answer.content

    def test_a_missing_page_is_a_page(self, client):
        answer = client.get("/no/such/page")
        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("text/html")

    def test_an_expired_form_is_403_in_words(self):
        answer = Client(enforce_csrf_checks=True).post("/page/x")
        assert answer.status_code == 403
        assert "The form had expired" in answer.content.decode()

    def test_every_answer_is_closed_by_its_headers(self, client):
        answer = client.get("/page/x")
        policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"

    def test_a_caller_cannot_choose_the_request_id(self, client):
        answer = client.get("/page/x", headers={"x-request-id": "forged\nline"})
        assert answer["X-Request-ID"].startswith("urn:uuid:")

    def test_an_unknown_host_is_refused(self, client):
        assert client.get("/page/x", headers={"host": "evil.example"}).status_code == 400
