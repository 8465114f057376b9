"""Answers a second singly and in bulk, and 200 physicians who page and claim at once; loopback only.

python benchmarks/load.py [--seconds 20] [--people 200] [--json]

PostgreSQL and Redis of its own, the web server that `serve` starts (`python -m config.web`), real tokens, throttles on.
The clients run on the same cores as the server, so the figures hold for both together. Exit code 1 when a dispute was
held by two people or an answer was a server error.
"""

import argparse
import http.client
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import arrange
from benchmarks.services import Process, free_port, wait_for

READERS, CASES, BULK = 20, 1000, 500
# A physician looks at each page for up to this many seconds: three requests in twenty on average.
LONGEST_PAUSE = 12.0


class Asker:
    """One person's connection, with the times and codes of all answers."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Host": "localhost"}
        self.seconds: list[float] = []
        self.codes: Counter[int] = Counter()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask and return the JSON of the answer."""
        start = time.perf_counter()
        try:
            self._connection.request(method, path, json.dumps(body) if body is not None else None, self._headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self.codes[0] += 1
            return None
        self.seconds.append(time.perf_counter() - start)
        self.codes[answer.status] += 1
        return json.loads(content) if content else None


def at_once(acts: list[Any]) -> float:
    """Run every act in a thread of its own and return how long all took."""
    threads = [threading.Thread(target=act) for act in acts]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - start


def summary(askers: list[Asker], seconds: float) -> dict[str, Any]:
    """Return requests a second, quantiles in ms, and the codes."""
    times = sorted(itertools.chain.from_iterable(asker.seconds for asker in askers))
    codes: Counter[int] = sum((asker.codes for asker in askers), Counter())
    at = {f"p{q}_ms": round(1000 * times[min(len(times) - 1, len(times) * q // 100)]) for q in (50, 95, 99)}
    failed = sum(n for code, n in codes.items() if code == 0 or code >= 500)
    return {"requests": len(times), "per_second": round(len(times) / seconds, 1), **at,
            "failed": failed, "codes": {str(code): n for code, n in sorted(codes.items())}}  # fmt: skip


def make_study(n_people: int) -> dict[str, Any]:
    """Make readers with seats at every case, disputes that wait, and one token a person."""
    from django.contrib.auth.models import User

    from annotations import importing, intake
    from annotations.models import Role
    from annotations.tokens import make_token
    from tests import factories

    lead = factories.person("mira")
    # No password: they come with tokens, and hashing 200 would measure the hash.
    names = [f"reader{n}" for n in range(READERS)] + [f"physician{n}" for n in range(n_people)]
    users = {name: User.objects.create(username=name) for name in names}
    readers = {name: users[name] for name in names[:READERS]}
    project = factories.study(lead, readers, slug="load", n_cases=CASES)
    asked = factories.study(lead, {}, slug="asked", n_cases=CASES)
    for code in ("one", "two"):
        # People, not models: a model's answer settles nothing and disputes nothing.
        user = User.objects.create(username=code)
        intake.set_role(actor=lead, project=asked, user=user, role=Role.ANNOTATOR)
        intake.register_reader(actor=lead, project=asked, code=code, user=user)
    lines = ["case,reader,question,mark,value,answer"]
    for number in range(1, CASES + 1):
        lines += [f"case-{number},one,effusion,,yes,", f"case-{number},two,effusion,,no,"]
    importing.receive_import(
        actor=lead, project=asked, content=("\n".join(lines) + "\n").encode(), file_name="reads.csv",
        importer="csv_table", options={},
    )  # fmt: skip
    for name in names[READERS:]:
        intake.set_role(actor=lead, project=asked, user=users[name], role=Role.ADJUDICATOR)
    factories.work(rounds=50)
    return {name: make_token(actor=user, name="load")[1] for name, user in users.items()} | {"": project.slug}


def answer_for(name: str, case: int, value: str) -> dict[str, Any]:
    """Return one answer as the API takes it."""
    return {"case": f"case-{case}", "reader": name, "question": "effusion",
            "value": {"kind": "category", "code": value}}  # fmt: skip


def single(port: int, tokens: dict[str, str], seconds: float) -> dict[str, Any]:
    """Let four clients at a time save one answer after the other, in the names of twenty readers."""
    names = [f"reader{n}" for n in range(READERS)]
    askers, until = [], time.monotonic() + seconds

    def act(mine: list[str]) -> None:
        own = {name: Asker(port, tokens[name]) for name in mine}
        askers.extend(own.values())
        for case in range(1, CASES // 2 + 1):
            for name, asker in own.items():
                if time.monotonic() > until:
                    return
                body = {key: part for key, part in answer_for(name, case, "yes").items() if key != "reader"}
                asker.ask("POST", "/api/v1/projects/load/annotations", body)

    return summary(askers, at_once([lambda mine=names[n::4]: act(mine) for n in range(4)]))


def bulk(port: int, tokens: dict[str, str]) -> dict[str, Any]:
    """Let two clients send batches of 500 answers, each reader's second half of the cases."""
    askers = [Asker(port, tokens[f"reader{n}"]) for n in range(READERS)]

    def act(first: int) -> None:
        for n in range(first, READERS, 2):
            rows = [answer_for(f"reader{n}", case, "no") for case in range(CASES - BULK + 1, CASES + 1)]
            body = [{key: part for key, part in row.items() if key != "reader"} for row in rows]
            askers[n].ask("POST", "/api/v1/projects/load/annotations:batch", body)

    seconds = at_once([lambda: act(0), lambda: act(1)])
    figures = summary(askers, seconds)
    return {"answers_per_second": round(figures["codes"].get("200", 0) * BULK / seconds), **figures}


def queue(port: int, tokens: dict[str, str], n_people: int, seconds: float) -> dict[str, Any]:
    """Let everybody page through the queue, take the next dispute, look at it and give it back."""
    people = {n: Asker(port, tokens[f"physician{n}"]) for n in range(n_people)}
    holders: dict[str, int] = {}
    doubled, guard, until = Counter[str](), threading.Lock(), time.monotonic() + seconds

    def act(n: int) -> None:
        chance, asker = random.Random(n), people[n]  # noqa: S311
        time.sleep(chance.uniform(0, LONGEST_PAUSE))
        while time.monotonic() < until:
            asker.ask("GET", "/api/v1/projects/asked/disputes")
            time.sleep(chance.uniform(1, LONGEST_PAUSE))
            held = asker.ask("POST", "/api/v1/projects/asked/disputes:claim-next", {})
            if not held or "url" not in held:
                continue
            with guard:
                doubled[held["url"]] += held["url"] in holders
                holders[held["url"]] = n
            asker.ask("GET", held["url"])
            time.sleep(chance.uniform(1, LONGEST_PAUSE))
            with guard:
                # Before the hold is given back: who gets it next must not be counted as a second holder.
                holders.pop(held["url"], None)
            asker.ask("POST", held["url"] + "/release", {})

    took = at_once([lambda n=n: act(n) for n in people])
    return {"held_by_two": sum(doubled.values()), **summary(list(people.values()), took)}


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="consilium-load-"))
    server, redis = arrange(folder, folder / "files")
    port, web = free_port(), None
    try:
        tokens = make_study(arguments.people)
        environment = {**os.environ, "CONSILIUM_LISTEN": f"127.0.0.1:{port}", "CONSILIUM_CACHE": redis.url}
        web = Process([sys.executable, "-m", "config.web"], folder / "web.log", environment)
        wait_for(port)
        figures = {
            "queue": queue(port, tokens, arguments.people, arguments.seconds * 2),
            "single": single(port, tokens, arguments.seconds),
            "bulk": bulk(port, tokens),
        }
    finally:
        if web is not None:
            web.stop()
        redis.process.stop()
        server.process.stop()
    shutil.rmtree(folder, ignore_errors=True)
    for name, line in figures.items():
        print(json.dumps({"case": f"load/{name}", **line}) if arguments.json else f"{name}: {line}")
    return 1 if figures["queue"]["held_by_two"] or any(line["failed"] for line in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
