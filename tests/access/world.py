"""One project in the middle of its life, and a second one beside it that nobody of the first may reach into."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations import importing, intake, storing, uploads
from annotations.models import Annotation
from annotations.tokens import make_token
from qc import adjudication, drawing, presentation
from qc.models import Dispute
from reports import channels, release
from tests.factories import EFFUSION, LESION, SHAPE, box_mask, code, read, study, work
from tests.personas import ADA, BEN, CODES, Cast, assemble

CSV = b"case,reader,question,value\ncase-3,reader-aquila,effusion,yes\n"


@dataclass(frozen=True)
class World:
    """What the addresses of the tests name."""

    cast: Cast
    project: Any
    other: Any
    dispute: Any  # on the mask, held by Chen
    waiting: Any  # on the category, held by nobody
    foreign: Any  # of the other project
    annotation: Any  # Ada's
    batch: Any
    upload: Any
    channel: Any
    release: Any
    token: Any  # Ada's
    pixels_name: str
    mask_name: str

    def case(self, key: str, project: Any = None) -> Any:
        """Return a case by key."""
        return (project or self.project).cases.get(key=key)


def build() -> World:
    """Open both projects, read, refer, freeze, and let Chen hold one dispute."""
    cast = assemble()
    pixels = storing.store_bytes(np.arange(np.prod(SHAPE), dtype="<i2").tobytes(), "voxels")
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    project = study(cast.mira, readers, questions=[EFFUSION, LESION], n_cases=4, pixels=pixels)
    for username, role in (("chen", "adjudicator"), ("vera", "vendor")):
        intake.set_role(actor=cast.mira, project=project, user=getattr(cast, username), role=role)
    read(project, cast.ada, "case-1", effusion=code("yes"), lesion=box_mask(0, 2, 2, 8, 2, 8))
    read(project, cast.ben, "case-1", effusion=code("no"), lesion=box_mask(1, 3, 9, 15, 9, 15))
    read(project, cast.ada, "case-2", effusion=code("yes"), lesion=box_mask(0, 2, 2, 8, 2, 8))
    read(project, cast.ben, "case-2", effusion=code("yes"), lesion=box_mask(0, 2, 2, 8, 2, 8))
    other = study(cast.oz, {"reader-x": cast.mira, "reader-y": cast.root}, slug="other", n_cases=1)
    read(other, cast.mira, "case-1", effusion=code("yes"))
    read(other, cast.root, "case-1", effusion=code("no"))
    work()
    frozen = release.freeze_release(actor=cast.mira, project=project, note="First.")
    work()
    batch = importing.receive_import(
        actor=cast.mira, project=project, content=CSV, file_name="reads.csv", importer="csv_table", options={}
    )
    work()
    masks = Dispute.objects.get(project=project, question__code="lesion")
    held = adjudication.claim_dispute(actor=cast.chen, dispute=masks)
    letter = presentation.letters_of(held)[CODES[ADA]]
    return World(
        cast=cast,
        project=project,
        other=other,
        dispute=held,
        waiting=Dispute.objects.get(project=project, question__code="effusion"),
        foreign=Dispute.objects.get(project=other),
        annotation=Annotation.objects.get(
            case__project=project, case__key="case-1", reader__user=cast.ada, question__code="effusion"
        ),
        batch=batch,
        channel=channels.open_channel(actor=cast.mira, project=project, kind="mail", address="lead@example.org"),
        upload=uploads.open_upload(actor=cast.mira, project=project, file_name="x.dcm", size=3, digest="b" * 64),
        release=frozen,
        token=make_token(actor=cast.ada, name="laptop")[0],
        pixels_name=drawing.token(held, cast.chen, "", 0),
        mask_name=drawing.token(held, cast.chen, letter, 0),
    )
