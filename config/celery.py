"""The Celery app: it carries (primary key, token) pairs and knows nothing else."""

import os
from typing import Any

import django
from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Before the next imports: the pump names models, and a worker starts here, not in manage.py.
django.setup()

from config import lifeline  # noqa: E402
from config.pump import QUEUES, Pump  # noqa: E402

TIME_LIMIT_SECONDS = 900
# Redelivery must come after the work, never during it.
VISIBILITY_SECONDS = 990


def _transport_options(broker: str) -> dict[str, Any]:
    if broker.startswith("memory"):
        return {"polling_interval": 0.1}
    if broker.startswith("redis"):
        return {"visibility_timeout": VISIBILITY_SECONDS, "socket_timeout": 10, "socket_connect_timeout": 5}
    return {}


def _queues(broker: str) -> list[Queue]:
    arguments = {"x-queue-type": "quorum"} if broker.startswith("amqp") else None
    return [Queue(name, routing_key=name, queue_arguments=arguments) for name in QUEUES]


app = Celery("consilium")
app.conf.update(
    broker_url=settings.BROKER,
    broker_transport_options=_transport_options(settings.BROKER),
    broker_connection_retry_on_startup=True,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_queues=_queues(settings.BROKER),
    task_default_queue="compute",
    task_default_exchange_type="direct",
    task_publish_retry=False,
    # The lease redelivers what a dead process held; redelivery by the broker would loop on a poison row.
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_time_limit=TIME_LIMIT_SECONDS,
    task_soft_time_limit=TIME_LIMIT_SECONDS - 60,
    worker_prefetch_multiplier=1,
    worker_concurrency=settings.CONCURRENCY,
    worker_pool=settings.POOL,
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=1_500_000,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=30,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
)
app.autodiscover_tasks(["annotations", "qc", "reports"])


@worker_ready.connect
def start_pump(sender: Any, **ignored: Any) -> None:
    """Start the pump beside the consumer: the only hook of the project."""
    lifeline.watch()
    Pump(app, worker=sender.hostname).start()
