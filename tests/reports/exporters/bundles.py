"""Small bundles for the exporters: plain data, every kind, hostile texts."""

from reports.exporters.base import GoldBundle

DIGEST = "d" * 64


def record(case="c1", question="q", label=None, **changes):
    made = {
        "case": case,
        "subject": "p1",
        "question": question,
        "kind": label["kind"] if label else "category",
        "finding": "",
        "number": 0,
        "disposition": "auto_accepted" if label else "in_dispute",
        "reason": "",
        "cell": "auto_accepted" if label else "in_dispute",
        "label": label,
        "method": "majority",
        "support": 2 / 3,
        "votes": {"a": 2, "b": 1},
        "provenance": {"by": "rule", "method": "majority", "rules": ["no_majority"]} if label else {"by": "nobody"},
        "inputs": [{"reader": name, "mark": "", "revision": 1, "digest": DIGEST} for name in ("r1", "r2", "r3")],
        "dissent": [],
        "protocol": {"number": 1, "digest": DIGEST},
        "schema": {"version": 2, "digest": DIGEST},
    }
    return {**made, **changes}


def question(code="q", kind="category", scale="nominal"):
    return {"code": code, "title": code.title(), "kind": kind, "scale": scale, "definition": {}, "about": ""}


def estimate(**changes):
    made = {
        "value": 0.51234567, "low": 0.4, "high": 0.6, "level": 0.95, "method": "BCa", "n_units": 10, "n_raters": 3,
        "n_clusters": 8, "undefined": None, "interval_undefined": None, "unit": "",
    }  # fmt: skip
    return {**made, **changes}


def statistic(name="percent", pair=(), **changes):
    return {
        "question": "q", "statistic": name, "title": name.title(), "population": "all", "pair": list(pair),
        "estimate": estimate(**changes),
    }  # fmt: skip


def bundle(records=(), questions=None, statistics=(), **project):
    counts = {"auto_accepted": 3, "in_dispute": 1, "excluded": 0}
    return GoldBundle(
        project={
            "slug": "p", "name": "Project", "description": "", "attribution": "", "simulated_note": "",
            "knows_readers": True, **project,
        },
        release={
            "number": 1, "digest": DIGEST, "frozen_at": "2026-11-25T10:00:00+00:00", "note": "", "parent": None,
            "software": {"name": "Consilium", "version": "0.1.0", "code_version": "1"},
        },
        schema={"version": 2, "digest": DIGEST, "guideline": "", "questions": questions or [question()]},
        protocol={"number": 1, "name": "majority_panel", "digest": DIGEST, "document": {"seats": 3}},
        readers=[{"code": "r1", "kind": "human"}, {"code": "m1", "kind": "model"}],
        ledger={"n_cases": 4, "n_questions": 1, "counts": counts, "by_question": {"q": counts}},
        counts={
            "n_subjects": 2, "n_seats": 12, "n_reads": 13, "n_counted": 12, "n_adjudications": 0, "n_adjudicators": 0,
        },
        statistics=list(statistics),
        records=list(records),
    )  # fmt: skip
