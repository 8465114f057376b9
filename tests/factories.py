"""Plain functions that build what tests need, through the product's own verbs."""

from copy import deepcopy

import numpy as np
from django.contrib.auth.models import User

from annotations import assignment, due, intake, submission
from annotations.intake import NewCase, NewProject, NewQuestion
from annotations.labels import _runs
from annotations.models import Assignment, Case, ImportBatch, Project
from annotations.tasks import run_one as run_import
from qc import evaluation
from qc.tasks import advance_one, evaluate_one
from reports.models import GoldRelease, ReleaseOrder
from reports.tasks import build_one, freeze_one

PASSWORD = "four readers and a physician"
SHAPE = (4, 16, 16)
WORK = {
    ImportBatch: run_import,
    Case: advance_one,
    Project: evaluate_one,
    ReleaseOrder: freeze_one,
    GoldRelease: build_one,
}

EFFUSION = NewQuestion(
    "effusion",
    "Effusion",
    "category",
    "nominal",
    {"codes": [{"code": "yes", "title": "Present"}, {"code": "no", "title": "Absent"}]},
)
GRADE = NewQuestion(
    "grade",
    "Severity",
    "grade",
    "ordinal",
    {"levels": [{"code": str(level), "title": f"Level {level}"} for level in range(1, 5)]},
)
DIAMETER = NewQuestion("diameter", "Diameter", "measurement", "ratio", {"unit": "mm", "minimum": 0, "maximum": 200})
LESION = NewQuestion("lesion", "Lesion", "mask", "none", {})
NODULE = NewQuestion("nodule", "Nodule", "polygon", "none", {"many": True, "rule": "pixel_centre"})
SIGNS = NewQuestion(
    "signs",
    "Signs",
    "multilabel",
    "nominal",
    {"codes": [{"code": "edema", "title": "Edema"}, {"code": "mass", "title": "Mass"}, {"code": "scar"}]},
)
ORDER = NewQuestion(
    "order", "Likely causes", "ranking", "ordinal", {"codes": [{"code": "a"}, {"code": "b"}, {"code": "c"}]}
)
SPINDLES = NewQuestion("spindles", "Spindles", "interval", "none", {"duration_s": 30})
FRACTURE = NewQuestion("fracture", "Fracture", "box", "none", {"many": True})
HEART = NewQuestion("heart", "Heart", "box", "none", {})
VALVE = NewQuestion(
    "valve",
    "Valve",
    "landmarks",
    "none",
    {"points": [{"code": "apex", "title": "Apex", "sigma": 0.1}, {"code": "base", "sigma": 0.1}], "area_mm2": 100},
)
SUSPICION = NewQuestion("suspicion", "Suspicion", "grade", "ordinal", GRADE.definition, about="nodule")

MAJORITY = {"method": "majority", "rules": {"no_majority": {}}}
POLICIES = {
    "effusion": MAJORITY,
    "grade": {
        "method": "median",
        "rules": {"low_agreement": {"statistic": "spread", "maximum": 1}, "no_majority": {}},
    },
    "diameter": {
        "method": "median",
        "rules": {"low_agreement": {"statistic": "spread", "maximum": 3}, "no_majority": {}},
    },
    "lesion": {
        "method": "majority_mask",
        "rules": {"low_agreement": {"statistic": "dice", "minimum": 0.8}, "no_majority": {}},
    },
    "nodule": {
        "existence": "majority",
        "method": "majority_mask",
        "rules": {"low_agreement": {"statistic": "dice", "minimum": 0.6}, "no_majority": {}},
    },
    "suspicion": MAJORITY,
    "signs": {
        "method": "set_vote",
        "rules": {"low_agreement": {"statistic": "jaccard_min", "minimum": 0.5}, "no_majority": {}},
    },
    "order": {"method": "rank_aggregation", "rules": {"no_majority": {}}},
    "spindles": {
        "method": "interval_vote",
        "method_parameters": {"tolerance_s": 0.5},
        "rules": {"low_agreement": {"statistic": "time_overlap_min", "minimum": 0.5}, "no_majority": {}},
    },
    "fracture": {
        "existence": "majority",
        "match_iou": 0.3,
        "method": "box_median",
        "rules": {"low_agreement": {"statistic": "box_iou_min", "minimum": 0.5}, "no_majority": {}},
    },
    "heart": {
        "method": "box_median",
        "rules": {"low_agreement": {"statistic": "box_iou_min", "minimum": 0.5}, "no_majority": {}},
    },
    "valve": {
        "method": "landmark_mean",
        "rules": {"low_agreement": {"statistic": "landmark_distance_max", "maximum": 3}, "no_majority": {}},
    },
}


def person(username, *, full_name="", **fields):
    """Return a user who can sign."""
    first, _, last = full_name.partition(" ")
    return User.objects.create_user(username, password=PASSWORD, first_name=first, last_name=last, **fields)


def document(questions, seats=2):
    """Return a protocol document that settles these questions."""
    protocol = "double_read_arbitration" if seats == 2 else "majority_panel"
    made = {
        "protocol": protocol,
        "seats": seats,
        "minimum": 2,
        "tie": "refer",
        "questions": {question.code: deepcopy(POLICIES[question.code]) for question in questions},
    }
    if any(question.kind == "polygon" and "existence" in POLICIES[question.code] for question in questions):
        made["matching"] = {"method": "outline_distance", "tolerance_mm": 1.0}
    return made


def study(lead, readers, *, slug="study", questions=(EFFUSION,), n_cases=2, pixels=("", "")):
    """Return a project with cases, a seat at each for every reader (user by code), and a protocol."""
    project = intake.open_project(actor=lead, new=NewProject(slug=slug, name="A study"))
    for user in readers.values():
        intake.set_role(actor=lead, project=project, user=user, role="annotator")
    intake.publish_schema(actor=lead, project=project, questions=questions)
    cases = [
        NewCase(f"case-{n}", f"subject-{n}", {"site": "St Elsewhere"}, SHAPE, (2.0, 1.0, 1.0), pixels, (40, 400))
        for n in range(1, n_cases + 1)
    ]
    intake.register_cases(actor=lead, project=project, cases=cases)
    rows = [intake.register_reader(actor=lead, project=project, code=code, user=user) for code, user in readers.items()]
    if rows:
        assignment.assign_readers(actor=lead, project=project, cases=list(project.cases.all()), readers=rows)
        in_order(project)
    evaluation.adopt_protocol(actor=lead, project=project, document=document(questions, max(len(readers), 2)))
    return project


def in_order(project):
    """Give everybody the cases in the order of their registration, so that a test can name the next one."""
    Assignment.objects.filter(case__project=project).update(place=0)


def read(project, user, case, finish=True, **values):
    """Let a person answer questions of a case (``question=value`` or ``question__mark=value``) and finish it."""
    reader = project.readers.get(user=user).code
    answers = []
    for name, value in values.items():
        question, _, mark = name.partition("__")
        answers.append(submission.NewAnswer(case=case, reader=reader, question=question, value=value, mark=mark))
    rows = submission.submit_answers(actor=user, project=project, answers=answers)
    if finish:
        seats = Assignment.objects.filter(case__project=project, case__key=case, reader__user=user)
        seat = seats.order_by("-sitting")[0]
        submission.finish_reading(actor=user, assignment=seat)
    return rows


def box(*sides):
    """Return a box label: low corner, then high corner, along (z, y, x)."""
    return {"kind": "box", "low": list(sides[:3]), "high": list(sides[3:])}


def signs(*codes):
    """Return a set of codes."""
    return {"kind": "multilabel", "codes": list(codes)}


def order(*tiers):
    """Return a ranking, best first; a tier of several codes is written together."""
    return {"kind": "ranking", "order": [list(tier) for tier in tiers]}


def spans(*pairs):
    """Return spans of time in seconds."""
    return {"kind": "interval", "spans": [list(pair) for pair in pairs]}


def points(**places):
    """Return landmarks by code, along (z, y, x) in voxels."""
    return {"kind": "landmarks", "points": {name: at and list(at) for name, at in places.items()}}


def code(value):
    """Return a category label."""
    return {"kind": "category", "code": value}


def level(value):
    """Return a grade label."""
    return {"kind": "grade", "level": str(value)}


def millimetres(value):
    """Return a measurement label."""
    return {"kind": "measurement", "number": value, "unit": "mm"}


def box_mask(z0, z1, y0, y1, x0, x1, shape=SHAPE):
    """Return a mask label of a box."""
    voxels = np.zeros(shape, dtype=bool)
    voxels[z0:z1, y0:y1, x0:x1] = True
    return {"kind": "mask", "shape": list(shape), "runs": _runs.encode(voxels)}


def square(slice_, x0, y0, size):
    """Return a polygon label of a square on one slice."""
    points = [[x0, y0], [x0 + size, y0], [x0 + size, y0 + size], [x0, y0 + size]]
    ring = {"slice": slice_, "hole": False, "points": points}
    return {"kind": "polygon", "rule": "pixel_centre", "rings": [ring]}


def work(*models, rounds=20):
    """Do what is due, kind by kind, until nothing is; what is due later is done now."""
    kinds = models or tuple(WORK)
    for _ in range(rounds):
        done = 0
        due.mark(Project.objects.filter(due_at__isnull=False))
        for kind in kinds:
            while pairs := due.claim_due(kind, 100, "test"):
                closed = due.run(kind, pairs, WORK[kind])
                assert closed == len(pairs), list(kind.objects.values_list("pk", "last_error"))
                done += closed
        if not done:
            return
    raise AssertionError("the work does not end")
