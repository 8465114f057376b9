import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from annotations import locking
from annotations.models import Project


@pytest.mark.django_db
def test_the_clock_moves_within_a_transaction():
    first = locking.now()
    assert first.utcoffset() == timedelta()
    assert locking.now() > first


@pytest.mark.django_db(transaction=True)
def test_a_locked_row_is_read_changed_and_written_by_one_at_a_time():
    project = Project.objects.create(slug="study", name="study", created_at=locking.now())
    errors, gate = [], threading.Barrier(4)

    def add():
        try:
            gate.wait()
            for _ in range(5):
                with transaction.atomic():
                    row = locking.lock(Project.objects.filter(pk=project.pk)).get()
                    Project.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    project.refresh_from_db()
    assert errors == []
    assert project.attempts == 20
