"""Refuses to start insecurely, and lists every fault at once."""

import os
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

from config import env

LOOPBACK = ("127.", "localhost", "[::1]", "::1")


def refuse_insecure_start(*, production: bool, hosts: Sequence[str], listen: str, engine: str, broker: str) -> None:
    """Raise ImproperlyConfigured with all that is missing for this kind of installation."""
    faults = _production_faults(hosts, engine, broker) if production else _local_faults(hosts, listen)
    if faults:
        raise ImproperlyConfigured("Consilium does not start:\n" + "\n".join(f"  - {fault}" for fault in faults))


def _local_faults(hosts: Sequence[str], listen: str) -> list[str]:
    faults = []
    if not listen.startswith(LOOPBACK):
        faults.append(f"CONSILIUM_LISTEN is {listen}: outside loopback, CONSILIUM_PRODUCTION must be 1.")
    if "*" in hosts:
        faults.append("CONSILIUM_HOSTS holds '*': name the hosts.")
    return faults


def _production_faults(hosts: Sequence[str], engine: str, broker: str) -> list[str]:
    faults = []
    secret_given = os.environ.get("CONSILIUM_SECRET_KEY") or os.environ.get("CONSILIUM_SECRET_KEY_FILE")
    if not secret_given:
        faults.append("CONSILIUM_SECRET_KEY or CONSILIUM_SECRET_KEY_FILE must be set.")
    if "CONSILIUM_HOSTS" not in os.environ or "*" in hosts:
        faults.append("CONSILIUM_HOSTS must name the hosts, without '*'.")
    if engine.endswith("sqlite3") and not env.envbool("ALLOW_SQLITE"):
        faults.append("CONSILIUM_DATABASE must be postgresql://…, unless CONSILIUM_ALLOW_SQLITE is 1.")
    if broker.startswith("memory") and not engine.endswith("sqlite3"):
        faults.append("CONSILIUM_BROKER must be redis://… or amqp://… when PostgreSQL is used.")
    return faults
