import json

import pytest

pytestmark = pytest.mark.django_db

METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture
def schema(client):
    answer = client.get("/api/v1/schema", headers={"accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_schema_is_openapi_3_1_of_our_version(schema):
    assert schema["openapi"].startswith("3.1")
    assert schema["info"]["license"]["identifier"] == "Apache-2.0"


def test_every_operation_declares_the_problem_and_how_to_sign_in(schema):
    operations = [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    assert operations
    for path, method, operation in operations:
        content = operation["responses"]["default"]["content"]
        assert set(content) == {"application/problem+json"}, (path, method)
    assert schema["components"]["securitySchemes"]["bearerToken"] == {"type": "http", "scheme": "bearer"}
    assert {"type", "title", "status", "code", "instance"} <= set(
        schema["components"]["schemas"]["Problem"]["required"]
    )


def test_the_reference_takes_every_file_from_our_own_origin(client):
    answer = client.get("/api/docs")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "//" not in "".join(part for part in text.split('"') if part.startswith(("http", "//")))
    assert "<script>" not in text
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "'unsafe-inline'" in policy.partition("style-src")[2].partition(";")[0]
