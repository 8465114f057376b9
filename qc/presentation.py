"""What an adjudicator is shown of a dispute: letters in place of readers, and nothing that tells who, when or where.

Nothing here writes. The page, the API and the signature all take what they show from this file.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from annotations import locking
from annotations.labels._words import words_of
from annotations.labels.base import canonical
from annotations.labels.mask import mask_of
from annotations.models import Annotation, Image
from annotations.permissions import letters
from annotations.selectors import geometry_of
from annotations.viewing import image_form
from qc.drawing import SPATIAL, corner, drawn_form, is_drawn, span, token
from qc.models import ConsensusResult, Dispute, Draft, FirstLook, PanelVote, RootCause
from qc.selectors import current_protocol
from qc.settling.combining import WAYS, combined
from qc.settling.measure import REGIONS


@dataclass(frozen=True, slots=True)
class ReadView:
    """One read under its letter; ``label`` is left out where the viewer draws it."""

    letter: str
    summary: str
    label: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DisputeView:
    """Everything that the decision is made from; ``case_data`` is what the viewer draws."""

    public_id: str
    round: int
    question: str
    question_title: str
    kind: str
    finding_label: str
    cause: str
    sentence: str
    reads: tuple[ReadView, ...]
    consensus_summary: str | None
    consensus_label: Mapping[str, Any] | None
    choices: tuple[Mapping[str, str], ...]
    unit: str
    causes: tuple[Mapping[str, str], ...]
    shown_digest: str
    fence: int
    seconds_left: int
    draft: Mapping[str, Any]
    draft_revision: int
    must_look: bool = False
    first_look: str = ""
    can_refer: bool = False
    panel: Mapping[str, Any] = field(default_factory=dict)
    combined: tuple[Mapping[str, str], ...] = ()
    case_data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DrawnRead:
    """A region that the viewer draws: whose, which of that reader's marks, and what."""

    letter: str
    place: int
    label: Mapping[str, Any]


def letters_of(dispute: Dispute) -> dict[str, str]:
    """Return the letter of each reader of the case, by reader code; the same in all its disputes of a round."""
    codes = {code for code, _, _ in dispute.result.inputs}
    finished = dispute.result.evaluation.facts.get("readers", [])
    return letters(dispute.project, dispute.case, dispute.round, codes | set(finished))


def shown_digest(dispute: Dispute) -> str:
    """Return the digest of everything that the decision page shows and the signature covers."""
    by_letter = letters_of(dispute)
    content = {
        "dispute": str(dispute.public_id),
        "round": dispute.round,
        "question": dispute.question.code,
        "explanation": dispute.explanation,
        "reads": sorted([by_letter[code], digest] for code, _, digest in dispute.result.inputs),
        "consensus": dispute.result.label,
    }
    if dispute.seats > 1:
        content["votes"] = [vote.digest for vote in earlier_votes(dispute)]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def dispute_view(dispute: Dispute, viewer: User, urls: Mapping[str, str] | None = None) -> DisputeView:
    """Return what the viewer is shown of a dispute; ``urls`` are added to the viewer's data."""
    question, result = dispute.question, dispute.result
    draft = Draft.objects.filter(dispute=dispute, user=viewer).first()
    left, shown = seconds_left(dispute), shown_digest(dispute)
    document = in_force(dispute)
    looks = must_look(viewer, dispute, document)
    made = {} if looks else combined_labels(dispute)
    forms = {way: drawn_form(label, token(dispute, viewer, way, 0)) for way, label in made.items()}
    kept = draft.body if draft else None
    page = {"shown_digest": shown, "draft": kept, "seconds_left": left, "must_look": looks, "combined": forms}
    page |= urls or {}
    return DisputeView(
        public_id=str(dispute.public_id),
        round=dispute.round,
        question=question.code,
        question_title=question.title,
        kind=question.kind,
        finding_label="" if looks else finding_label(dispute),
        cause="" if looks else dispute.cause,
        sentence="" if looks else dispute.explanation,
        reads=() if looks else tuple(read_views(dispute)),
        consensus_summary=summary_of(result.label, dispute) if result.label and not looks else None,
        consensus_label=result.label if question.kind not in REGIONS and not looks else None,
        choices=tuple(choices_of(question.kind, question.definition)),
        unit=str(question.definition.get("unit", "")),
        causes=tuple({"code": str(code), "title": str(title)} for code, title in RootCause.choices),
        shown_digest=shown,
        fence=dispute.fence,
        seconds_left=left,
        draft=kept or {},
        draft_revision=draft.revision if draft else 0,
        must_look=looks,
        first_look=first_look_words(dispute, viewer),
        can_refer=dispute.seats == 1 and "panel" in document and not looks and not dispute.votes.exists(),
        panel=panel_view(dispute) if dispute.seats > 1 and not looks else {},
        combined=tuple({"decision": way, "summary": summary_of(label, dispute)} for way, label in made.items()),
        case_data={**(blank_data(dispute, viewer) if looks else viewer_data(dispute, viewer)), **page},
    )


def in_force(dispute: Dispute) -> Mapping[str, Any]:
    """Return the document that says how physicians are asked now, whichever version referred the dispute."""
    protocol = current_protocol(dispute.project)
    return protocol.document if protocol is not None else {}


def must_look(viewer: User, dispute: Dispute, document: Mapping[str, Any] | None = None) -> bool:
    """Say whether the protocol asks this person to answer from the image before a read is shown.

    ``document`` where it is known already.
    """
    if not (in_force(dispute) if document is None else document).get("look_first"):
        return False
    return not FirstLook.objects.filter(dispute=dispute, user=viewer).exists()


def first_look_words(dispute: Dispute, viewer: User) -> str:
    """Return what this person answered from the image alone, in a few words; empty where they did not."""
    given = FirstLook.objects.filter(dispute=dispute, user=viewer).first()
    if given is None:
        return ""
    return summary_of(given.label, dispute) if given.label is not None else "Cannot be assessed"


def earlier_votes(dispute: Dispute) -> list[PanelVote]:
    """Return the votes of the turns before this one; those of the running turn are nobody's to see."""
    return list(dispute.votes.filter(turn__lt=dispute.turn).order_by("turn", "digest"))


def panel_view(dispute: Dispute) -> dict[str, Any]:
    """Return how a panel stands: its size, its turn, and what was said in the turn before, by nobody's name.

    The votes stand in the order of their digests, which tells nothing of who or when.
    """
    last = [vote for vote in earlier_votes(dispute) if vote.turn == dispute.turn - 1]
    said = [
        {
            "answer": summary_of(vote.label, dispute) if vote.label is not None else "Cannot be assessed",
            "rationale": vote.rationale,
        }
        for vote in last
    ]
    return {"seats": dispute.seats, "turn": dispute.turn, "said": said}


def blank_data(dispute: Dispute, viewer: User) -> dict[str, Any]:
    """Return the data of the image viewer before the first look: the image and nothing that anybody drew."""
    image = image_of(dispute)
    shape = image.shape if image else [1, 1, 1]
    voxels_at = reverse("voxels", args=[token(dispute, viewer, "", 0)])
    return {
        "image": image_form(image, voxels_at) if image is not None and image.digest else None,
        "canvas": {"width": shape[2], "height": shape[1], "slices": shape[0]},
        "spacing_mm": image.spacing_mm if image else None,
        "letters": [],
        "reads": [],
        "consensus": None,
        "start_slice": shape[0] // 2,
    }


def seconds_left(dispute: Dispute) -> int:
    """Return for how many seconds the dispute is still held; 0 when it is not."""
    if dispute.held_until is None:
        return 0
    return max(0, int((dispute.held_until - locking.now()).total_seconds()))


def finding_label(dispute: Dispute) -> str:
    """Return which finding is meant, in words; empty for a question of the whole case."""
    if not dispute.finding:
        return ""
    place = centre_slice(dispute.result)
    number = f"Finding {dispute.result.number}"
    return number if place is None else f"{number} · slice {place + 1}"


def centre_slice(result: ConsensusResult) -> int | None:
    """Return the slice of a finding's centre, from 0; None for a unit without a finding."""
    for finding in result.evaluation.facts.get("findings", []):
        if finding["key"] == result.finding:
            return round(finding["centre"][0])
    return None


def read_views(dispute: Dispute) -> Iterator[ReadView]:
    """Yield the reads in the order of their letters."""
    by_letter = letters_of(dispute)
    rows = labels_behind(dispute.result)
    named = sorted((by_letter[code], place, code) for place, (code, _, _) in enumerate(dispute.result.inputs))
    for letter, place, code in named:
        label = rows[place]
        shown = label if label["kind"] not in REGIONS else None
        yield ReadView(letter, summary_of(label, dispute, code), shown)


def labels_behind(result: ConsensusResult) -> list[Mapping[str, Any]]:
    """Return the labels that a result was computed from, in the order of its inputs."""
    refs = [ref for _, ref, _ in result.inputs]
    found: dict[int, Any] = dict(Annotation.objects.filter(pk__in=refs).values_list("pk", "label"))
    return [found[ref] for ref in refs]


def combined_label(dispute: Dispute, way: str) -> dict[str, Any] | None:
    """Return the union or the intersection of the regions behind a dispute; None where there is none.

    The server makes it, for the page and for the signature alike, so that what is signed is what was shown and
    anybody can make it again from the reads.
    """
    return combined(regions_behind(dispute), way, geometry_of(image_of(dispute)))


def combined_labels(dispute: Dispute) -> dict[str, dict[str, Any]]:
    """Return what a physician may take of several readers' regions together; nothing where one reader marked."""
    if dispute.question.kind not in REGIONS | {"box"} or len({code for code, _, _ in dispute.result.inputs}) < 2:
        return {}
    reads, geometry = regions_behind(dispute), geometry_of(image_of(dispute))
    found = {way: combined(reads, way, geometry) for way in WAYS}
    return {way: label for way, label in found.items() if label is not None}


def regions_behind(dispute: Dispute) -> list[tuple[str, Mapping[str, Any]]]:
    """Return reader and label of every mark that the dispute is about."""
    labels = labels_behind(dispute.result)
    return [(code, label) for (code, _, _), label in zip(dispute.result.inputs, labels, strict=True)]


def image_of(dispute: Dispute) -> Image | None:
    """Return the image of the case, which comes with the dispute; None where none is registered."""
    found: Image | None = getattr(dispute.case, "image", None)
    return found


def summary_of(label: Mapping[str, Any], dispute: Dispute, reader: str = "") -> str:
    """Return a label in a few words."""
    if label["kind"] in REGIONS:
        return region_summary(label, dispute.result, reader)
    return words_of(label, dispute.question.definition)


def region_summary(label: Mapping[str, Any], result: ConsensusResult, reader: str) -> str:
    """Return the size of a region: millilitres where the spacing is known, else voxels or slices."""
    voxels = result.details.get("voxels", {}).get(reader)
    if voxels is None and label["kind"] == "mask":
        voxels = mask_of(label).voxels
    if voxels is None:
        n_slices = len({ring["slice"] for ring in label["rings"]})
        return f"Outline on {n_slices} slice{'' if n_slices == 1 else 's'}"
    volume = result.details.get("voxel_mm3")
    return f"{voxels} voxels" if volume is None else f"{voxels * volume / 1000:.2f} mL"


def choices_of(kind: str, definition: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """Yield the answers that a question offers."""
    member = {"grade": "levels", "landmarks": "points"}.get(kind, "codes")
    for entry in definition.get(member, []):
        yield {"code": str(entry["code"]), "title": str(entry.get("title") or entry["code"])}


def drawn_result(dispute: Dispute) -> ConsensusResult | None:
    """Return the unit whose regions are drawn: the dispute's own, or that of the marks it speaks of."""
    if dispute.question.kind in SPATIAL:
        return dispute.result
    parents = dispute.result.evaluation.results.filter(question=dispute.question.about_id, finding=dispute.finding)
    return parents.select_related("evaluation").first() if dispute.question.about_id else None


def drawn_reads(dispute: Dispute, result: ConsensusResult) -> Iterator[DrawnRead]:
    """Yield the regions behind a unit, by letter and the reader's own order."""
    by_letter = letters_of(dispute)
    seen: dict[str, int] = {}
    for (code, _, _), label in zip(result.inputs, labels_behind(result), strict=True):
        if is_drawn(label):
            place = seen[code] = seen.get(code, -1) + 1
            yield DrawnRead(by_letter[code], place, label)


def viewer_data(dispute: Dispute, viewer: User) -> dict[str, Any]:
    """Return the data of the image viewer, with opaque addresses of pixels and masks."""
    result = drawn_result(dispute)
    drawn = sorted(drawn_reads(dispute, result), key=lambda read: (read.letter, read.place)) if result else []
    image = image_of(dispute)
    shape = image.shape if image else grid_around(drawn)
    consensus = result.label if result is not None and result.label and is_drawn(result.label) else None
    voxels_at = reverse("voxels", args=[token(dispute, viewer, "", 0)])
    return {
        "image": image_form(image, voxels_at) if image is not None and image.digest else None,
        "canvas": {"width": shape[2], "height": shape[1], "slices": shape[0]},
        "spacing_mm": image.spacing_mm if image else None,
        "letters": sorted({read.letter for read in read_views(dispute)}),
        "reads": [
            {"letter": read.letter, **drawn_form(read.label, token(dispute, viewer, read.letter, read.place))}
            for read in drawn
        ],
        "consensus": drawn_form(consensus, token(dispute, viewer, "", 0)) if consensus else None,
        "start_slice": start_slice(dispute, drawn, shape[0]),
    }


def grid_around(drawn: Sequence[DrawnRead]) -> list[int]:
    """Return the smallest grid from the origin that holds every region, where no image is registered."""
    corners = [corner(read.label) for read in drawn]
    return [max((at[axis] for at in corners), default=1) for axis in range(3)]


def start_slice(dispute: Dispute, drawn: Sequence[DrawnRead], n_slices: int) -> int:
    """Return the slice to begin on: the finding's centre, the middle of what is drawn, or the middle."""
    place = centre_slice(dispute.result)
    if place is None:
        spans = [span(read.label) for read in drawn]
        first, last = min((s[0] for s in spans), default=0), max((s[1] for s in spans), default=n_slices)
        place = (first + last) // 2
    return min(max(place, 0), n_slices - 1)
