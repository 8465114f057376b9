"""``manage.py serve``: the whole service on one machine, one command."""

import os
import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config import preparation, safety
from config.supervisor import Supervisor, web_command, worker_command


class Command(BaseCommand):
    """Migrate, then run web and worker until Ctrl-C."""

    help = "Run the web server and one worker; both stop with Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the port and the choice of having no worker."""
        parser.add_argument("--port", type=int, help="Port; the address stays that of CONSILIUM_LISTEN.")
        parser.add_argument("--no-worker", action="store_true", help="Serve pages only; other workers do the work.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, supervise, and end with the supervisor's exit code."""
        host, port = address_of(options["port"])
        require_free(host, port)
        has_worker = not options["no_worker"]
        if settings.PRODUCTION and settings.BROKER.startswith("memory") and not has_worker:
            raise CommandError("A worker elsewhere cannot hear memory://; set CONSILIUM_BROKER.")
        with preparation.take_lock():
            preparation.prepare(self._say)
            connections.close_all()
            os.environ["CONSILIUM_LISTEN"] = f"{host}:{port}"
            commands = {"web": web_command()}
            if has_worker:
                commands["worker"] = worker_command()
            self._say("Starting the web server" + (" and the worker …" if has_worker else " …"))
            code = Supervisor(commands, (_reachable(host), port), self._say).run()
        self._say("Stopped.")
        sys.exit(code)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def address_of(port: int | None) -> tuple[str, int]:
    """Return host and port: those of CONSILIUM_LISTEN, or another port on that host."""
    host, _, given = settings.LISTEN.rpartition(":")
    return host, port or int(given)


def require_free(host: str, port: int) -> None:
    """Refuse a port that another program holds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise CommandError(f"Port {port} on {host} is not free ({error.strerror}). Try --port.") from error


def _reachable(host: str) -> str:
    return host if host.startswith(safety.LOOPBACK) else "127.0.0.1"
