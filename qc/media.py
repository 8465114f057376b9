"""Bytes for the viewer: voxels of a case and bits of a mask, for whoever holds the dispute and nobody else."""

from typing import Any

import numpy as np
from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from annotations import locking
from annotations.endpoint import Endpoint
from annotations.errors import NotFound
from annotations.labels._marked import marked_part
from annotations.labels.mask import mask_of
from annotations.models import Image
from annotations.permissions import User
from annotations.viewing import packed, volume_bytes
from qc.drawing import read_token
from qc.models import Dispute
from qc.presentation import combined_label, drawn_reads, drawn_result
from qc.selectors import is_independent
from qc.settling.combining import WAYS

# The name in the address changes with viewer, dispute and round, so what it stands for never does.
PRIVATE = "private, max-age=7200, immutable"


class Bytes(Endpoint):
    """An address that answers bytes, and a problem where there are none."""

    schema = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:  # noqa: FBT001, FBT002 - DRF's own signature
        """Accept every wish: the bytes are of one kind, and problems are JSON."""
        return JSONRenderer(), JSONRenderer.media_type


class Voxels(Bytes):
    """The volume of a case."""

    def get(self, request: Request, name: str) -> HttpResponse:
        """Answer the whole volume: little-endian int16, slice after slice."""
        dispute, _, _ = held_dispute(request.user, name)
        image = Image.objects.filter(case=dispute.case_id).exclude(digest="").first()
        if image is None:
            raise NotFound("This case has no pixels.")
        return packed(request, volume_bytes(image), PRIVATE)


class MaskBits(Bytes):
    """One mask."""

    def get(self, request: Request, name: str) -> HttpResponse:
        """Answer the bits of a mask within its box: slice, row, column, the least bit of a byte first."""
        dispute, letter, place = held_dispute(request.user, name)
        label = drawn_label(dispute, letter, place)
        if label is None or label["kind"] != "mask":
            raise NotFound("There is no such mask.")
        _, part = marked_part(mask_of(label))
        return packed(request, np.packbits(part.ravel(), bitorder="little").tobytes(), PRIVATE)


def drawn_label(dispute: Dispute, letter: str, place: int) -> Any:
    """Return the label of a letter's mark, of all together, or the consensus for no letter; None where none is."""
    if letter in WAYS:
        return combined_label(dispute, letter)
    result = drawn_result(dispute)
    if result is None or not letter:
        return result.label if result is not None else None
    reads = drawn_reads(dispute, result)
    return next((read.label for read in reads if (read.letter, read.place) == (letter, place)), None)


def held_dispute(viewer: User, name: str) -> tuple[Dispute, str, int]:
    """Return the dispute, letter and place of a name that was given to this viewer and still stands."""
    meant = read_token(name)
    if meant is None or meant[0] != viewer.pk:
        raise NotFound("There is nothing at this address for you.")
    _, public_id, round_number, letter, place = meant
    rows = Dispute.objects.filter(
        is_independent(viewer),
        public_id=public_id,
        round=round_number,
        held_by=viewer,
        held_until__gte=locking.now(),
        closed_at__isnull=True,
    )
    dispute = rows.select_related("project", "case__image", "question", "result__evaluation").first()
    if dispute is None:
        raise NotFound("You do not hold this dispute any more.")
    return dispute, letter, place
