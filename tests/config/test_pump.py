import pytest
from celery import Celery
from django.apps import apps
from kombu.exceptions import OperationalError

from annotations import due, locking
from annotations.due import DueRow
from annotations.models import Project
from config.pump import KINDS, QUEUES, Pump, _batches

WORKER = "celery@here"


class Recorder(Celery):
    def __init__(self):
        super().__init__("recorder", set_as_current=False)
        self.sent = []
        self.is_down = False

    def send_task(self, name, args=None, queue=None):
        if self.is_down:
            raise OperationalError("broker away")
        self.sent.append((name, args[0], queue))


def due_projects(count):
    for number in range(count):
        row = Project.objects.create(slug=f"p{number}", name=f"p{number}", created_at=locking.now())
        due.mark(row)


@pytest.fixture
def app():
    return Recorder()


def test_every_due_row_model_has_its_line_and_its_partial_index():
    models = {model._meta.label for model in apps.get_models() if issubclass(model, DueRow)}
    assert {kind.model for kind in KINDS} == models
    for kind in KINDS:
        conditions = [str(index.condition) for index in kind.rows()._meta.indexes if index.fields == ["due_at"]]
        assert conditions == ["(AND: ('due_at__isnull', False))"], kind.model
        assert kind.queue in QUEUES


@pytest.mark.django_db
class TestSending:
    def test_claims_before_it_sends_and_sends_once(self, app):
        due_projects(2)
        pump = Pump(app, WORKER)
        assert pump.send_due() == 2
        assert pump.send_due() == 0
        assert {queue for _, _, queue in app.sent} == {"compute"}
        for name, [[pk, token]], _ in app.sent:
            assert name == "qc.tasks.evaluate_projects"
            assert Project.objects.get(pk=pk).claim == token

    def test_holds_no_more_than_its_processes_can_use(self, app, settings):
        settings.CONCURRENCY = 2
        due_projects(11)
        pump = Pump(app, WORKER)
        assert pump.send_due() == 8
        assert pump.send_due() == 0
        for _, [[pk, token]], _ in app.sent[:3]:
            due.finish(due.begin(Project, pk, token))
        assert pump.send_due() == 0
        _, [[pk, token]], _ = app.sent[3]
        due.finish(due.begin(Project, pk, token))
        assert pump.send_due() == 3

    def test_a_broker_that_is_away_costs_nothing(self, app):
        due_projects(1)
        app.is_down = True
        pump = Pump(app, WORKER)
        with pytest.raises(OperationalError):
            pump.send_due()
        app.is_down = False
        assert pump.send_due() == 1

    def test_a_restart_waits_for_no_lease(self, app):
        due_projects(1)
        Pump(app, WORKER).send_due()
        restarted = Pump(app, WORKER)
        assert restarted._release_earlier() == 1
        assert restarted.send_due() == 1

    def test_a_clean_stop_gives_back_what_was_never_begun(self, app):
        due_projects(2)
        pump = Pump(app, WORKER)
        pump.send_due()
        _, [[pk, token]], _ = app.sent[0]
        claim = due.begin(Project, pk, token)
        assert pump._release_sent() == 1
        due.finish(claim)


@pytest.mark.parametrize(
    ("rows", "largest", "processes", "sizes"),
    [(0, 20, 2, []), (1, 20, 2, [1]), (10, 20, 2, [5, 5]), (90, 20, 2, [20, 20, 20, 20, 10]), (3, 1, 4, [1, 1, 1])],
)
def test_rows_are_shared_out_evenly(rows, largest, processes, sizes):
    pairs = [(number, "token") for number in range(rows)]
    batches = _batches(pairs, largest, processes)
    assert [len(batch) for batch in batches] == sizes
    assert [pair[0] for batch in batches for pair in batch] == list(range(rows))
