"""Verb: sign a release, say something about it, withdraw it, hand it out."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations import audit, due, locking
from annotations.errors import InvalidInput
from annotations.labels.base import canonical
from annotations.models import Project
from annotations.permissions import require
from qc.adjudication import check_password
from reports.errors import AlreadySigned, NotSigned
from reports.models import Delivery, GoldRelease, NoticeKind, ReleaseNotice, ReleaseSignature
from reports.signing import key_id, public_pem, signing_key

FROZE = "I froze this release"
APPROVED = "I approve this release"


def n_needed(release: GoldRelease) -> int:
    """Return how many persons must sign before the files are made: as the protocol says, else one."""
    return int(release.protocol.document.get("signatures", 1))


def is_signed(release: GoldRelease) -> bool:
    """Say whether everybody who must sign has signed; releases from before signatures were asked for are."""
    number = len(release.signatures.all())
    return number >= n_needed(release) or not number


def put_signature(release: GoldRelease, signer: User, meaning: str) -> ReleaseSignature:
    """Write a signature over the content of a release, inside the caller's transaction."""
    moment, name = locking.now(), signer.get_full_name() or signer.get_username()
    content = {
        "release": release.digest,
        "number": release.number,
        "signer": signer.pk,
        "name": name,
        "meaning": meaning,
        "at": moment.isoformat(),
    }
    return ReleaseSignature.objects.create(
        release=release,
        signer=signer,
        meaning=meaning,
        signed_name=name,
        signed_at=moment,
        digest=hashlib.sha256(canonical(content).encode()).hexdigest(),
    )


def signature_forms(release: GoldRelease) -> list[dict[str, str]]:
    """Return the signatures under a release as its manifest holds them."""
    return [
        {"name": one.signed_name, "meaning": one.meaning, "at": one.signed_at.isoformat(), "digest": one.digest}
        for one in release.signatures.order_by("pk")
    ]


@transaction.atomic
def sign_release(*, actor: User, release: GoldRelease, password: str) -> ReleaseSignature:
    """Approve a release that somebody else froze; with the last signature its files are made."""
    require(actor, release.project, "release.sign")
    check_password(actor, password)
    locking.lock(Project.objects.filter(pk=release.project_id)).get()
    # Read anew under the lock: whoever signed meanwhile counts.
    row = GoldRelease.objects.select_related("project", "protocol").get(pk=release.pk)
    if is_signed(row):
        raise AlreadySigned("This release has every signature that the protocol asks for.")
    if row.signatures.filter(signer=actor).exists():
        raise AlreadySigned("You signed this release already; another person must approve it.")
    made = put_signature(row, actor, APPROVED)
    if is_signed(row):
        due.mark(row)
    body = {"number": release.number, "digest": made.digest}
    audit.record(project=release.project, actor=actor, action="release.signed", body=body)
    return made


@transaction.atomic
def give_notice(
    *, actor: User, release: GoldRelease, kind: str, text: str, units: Sequence[Sequence[str]] = (), password: str
) -> ReleaseNotice:
    """Say in a signed notice what is wrong with a release, or withdraw it; its bytes stay as they are."""
    require(actor, release.project, "release.freeze")
    errors = list(notice_faults(release, kind, text, units))
    if errors:
        raise InvalidInput("The notice cannot be given.", errors=errors)
    check_password(actor, password)
    locking.lock(Project.objects.filter(pk=release.project_id)).get()
    made = ReleaseNotice.objects.create(
        release=release,
        number=release.notices.count() + 1,
        kind=kind,
        text=text.strip(),
        units=[list(unit) for unit in units],
        signer=actor,
        signed_name=actor.get_full_name() or actor.get_username(),
        signed_at=locking.now(),
    )
    body = {"release": release.number, "notice": made.number, "kind": kind, "n_units": len(units)}
    audit.record(project=release.project, actor=actor, action="release.notice", body=body)
    return made


def notice_faults(release: GoldRelease, kind: str, text: str, units: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Return what is wrong with a notice: its kind, its words, or a label that the release does not hold."""
    errors = []
    if kind not in NoticeKind.values:
        detail = f"One of {', '.join(NoticeKind.values)}."
        errors.append({"pointer": "#/kind", "code": "unknown-kind", "detail": detail})
    if len(text.strip()) < 3:
        errors.append({"pointer": "#/text", "code": "required", "detail": "Say in a sentence what is wrong."})
    for place, unit in enumerate(units):
        whole = [*unit, "", "", ""][:3]
        case, question, finding = whole
        if not release.records.filter(case=case, question=question, finding=finding).exists():
            detail = "The release holds no such unit."
            errors.append({"pointer": f"#/units/{place}", "code": "unknown-unit", "detail": detail})
    return errors


def notices_file(release: GoldRelease) -> dict[str, Any]:
    """Return everything that was said about a release, signed with the key that signed its manifest."""
    key = signing_key()
    body = {
        "release": {"number": release.number, "digest": release.digest},
        "notices": [notice_form(one) for one in release.notices.all()],
        "as_of": locking.now().isoformat(),
    }
    signature = key.sign(canonical(body).encode()).hex()
    return {**body, "key": key_id(key), "public_key": public_pem(key).decode(), "signature": signature}


def notice_form(one: ReleaseNotice) -> dict[str, Any]:
    """Return a notice as plain data."""
    return {
        "number": one.number,
        "kind": one.kind,
        "text": one.text,
        "units": one.units,
        "signed_name": one.signed_name,
        "signed_at": one.signed_at.isoformat(),
    }


def hand_out(*, receiver: User, release: GoldRelease, file: str, digest: str = "") -> None:
    """Note who is handed which file, before its first byte leaves; a release that is not signed is not handed out."""
    if not is_signed(release):
        raise NotSigned("This release waits for the signature of another person.")
    with transaction.atomic():
        Delivery.objects.create(
            release=release, receiver=receiver, file=file[:160], digest=digest, delivered_at=locking.now()
        )
        body = {"release": release.number, "file": file, "digest": digest}
        audit.record(project=release.project, actor=receiver, action="release.delivered", body=body)


def holders(release: GoldRelease) -> list[dict[str, Any]]:
    """Return who was handed a file of the release, the newest first: the people to whom an erratum goes."""
    rows = release.deliveries.select_related("receiver").order_by("-pk")
    return [
        {
            "name": row.receiver.get_full_name() or row.receiver.get_username(),
            "file": row.file,
            "at": row.delivered_at,
        }
        for row in rows
    ]
