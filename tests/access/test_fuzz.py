"""Every operation of the schema, asked with what the schema allows and with what it does not: no answer is a 500."""

import json
from collections import Counter
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.access.world import build

# Bounded: the whole file takes less than a minute on one core.
EXAMPLES = 4
ASKED_BY = ("mira", "ada", "chen", "vera", "root")


def operations():
    """Return every operation of the schema that the service itself hands out."""
    answer = Client().get(reverse("schema"), headers={"Accept": "application/json"})
    schema = schemathesis.openapi.from_dict(json.loads(answer.content))
    return [found.ok() for found in schema.get_all_operations()]


def known(world):
    """Return values of path parameters that name something, so that the fuzz gets past the first 404."""
    return {
        "slug": [world.project.slug, world.other.slug],
        "username": ["ada", "oz"],
        "code": ["reader-aquila", "effusion"],
        "case": ["case-1", str(world.case("case-1").public_id)],
        "number": [1],
        "other": [1],
        "id": [world.token.pk],
        "name": ["csv_table", "gold.csv"],
        "annotation": [str(world.annotation.public_id)],
        "batch": [str(world.batch.public_id)],
        "dispute": [str(world.dispute.public_id), str(world.waiting.public_id)],
    }


def sent(client, case):
    """Send a generated case through Django's own client and return the answer."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    if case.query:
        path += "?" + urlencode(case.query, doseq=True)
    body = case.body
    is_text = isinstance(body, str | bytes)
    content = b"" if repr(body) == "<NOT_SET>" or type(body).__name__ == "NotSet" else body if is_text else _json(body)
    return client.generic(case.method, path, content, content_type=case.media_type or "application/json")


def _json(body):
    try:
        return json.dumps(body).encode()
    except (TypeError, ValueError):
        return repr(body).encode()


@pytest.mark.django_db
def test_no_operation_answers_with_a_server_error():
    world = build()
    values = known(world)
    failures, statuses = [], Counter()
    for operation in operations():
        strategy = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy, person=st.sampled_from(ASKED_BY), pick=st.integers(0, 5))
        def ask(case, person, pick):
            for name, options in values.items():
                if name in (case.path_parameters or {}) and pick:
                    case.path_parameters[name] = options[pick % len(options)]
            client = Client(raise_request_exception=False)
            client.force_login(world.cast.users[person])
            with transaction.atomic():
                answer = sent(client, case)
                if answer.streaming:
                    # Not closed: that would close the connection under the transaction.
                    b"".join(answer.streaming_content)
                transaction.set_rollback(True)
            statuses[answer.status_code // 100] += 1
            if answer.status_code >= 500:
                failures.append(
                    (case.method, case.path, person, case.path_parameters, case.query, str(case.body)[:300])
                )

        ask()
    # The questions get past the door: some of them are answered.
    assert statuses[2] >= 10, statuses
    assert statuses[4] >= 10, statuses
    assert not failures, "\n".join(str(failure) for failure in failures)
