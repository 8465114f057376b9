"""Whether these are the bytes that were signed, and the digests inside them fit."""

import hashlib
from collections.abc import Iterator, Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from reports.exporters.base import digest_of, release_digest, sha256
from reports.exporters.manifest import FORMAT, MANIFEST, PUBLIC_KEY, SIGNATURE, UNLISTED, root_of
from reports.verification.base import DIFFERS, REPRODUCED, Item, cannot, compared, written
from reports.verification.content import Content, Json, json_value, json_values, needed


def check_signature(files: Mapping[str, bytes], public_key: bytes | None) -> Item:
    """Check the signature over the manifest.

    Parameters
    ----------
    files : mapping
        The package.
    public_key : bytes or None
        PEM of the key that the checker trusts; None takes the key inside the package, which proves only
        that the package is whole, not who made it.
    """
    name = "signature of the manifest"
    key = loaded_key(needed(files, PUBLIC_KEY) if public_key is None else public_key)
    if key is None:
        return cannot(name, "The public key is no Ed25519 key in PEM form.")
    number = key_id(key)
    if json_value(files, MANIFEST).get("key") != number:
        return Item(name, DIFFERS, f"The manifest was not signed with the key {number}.")
    try:
        key.verify(needed(files, SIGNATURE), needed(files, MANIFEST))
    except InvalidSignature:
        return Item(name, DIFFERS, f"The signature is not that of the key {number} over this manifest.", (MANIFEST,))
    whose = "the key given" if public_key is not None else "the key in the package; give --key to know whose it is"
    return Item(name, REPRODUCED, f"signed with {number}, {whose}")


def loaded_key(pem: bytes) -> Ed25519PublicKey | None:
    """Return the Ed25519 public key of a PEM text; None when it is none."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def key_id(key: Ed25519PublicKey) -> str:
    """Return the name of a key: the first 16 digits of the SHA-256 of its raw bytes."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def check_files(files: Mapping[str, bytes]) -> Item:
    """Compare every file with the manifest: path, size and SHA-256, nothing missing and nothing added."""
    name = "files against the manifest"
    body = json_value(files, MANIFEST)
    if body.get("format") != FORMAT:
        return cannot(name, f"The format is {body.get('format')!r}; this program knows {FORMAT}.")
    listed = body["files"]
    return compared(name, file_differences(files, body, listed), f"{len(listed)} files compared")


def file_differences(files: Mapping[str, bytes], body: Json, listed: list[Json]) -> Iterator[str]:
    """Yield each file that is not as the manifest says."""
    if root_of(listed) != body.get("root"):
        yield f"{MANIFEST}: the root digest is not that of the list of files"
    known = {entry["path"]: entry for entry in listed}
    for path, entry in sorted(known.items()):
        if path not in files:
            yield f"{path}: missing"
        elif len(files[path]) != entry["bytes"] or sha256(files[path]) != entry["sha256"]:
            yield f"{path}: not the bytes that were signed"
    for path in sorted(files.keys() - known.keys() - UNLISTED):
        yield f"{path}: not listed in the manifest"


def check_digests(content: Content, files: Mapping[str, bytes]) -> Item:
    """Compare the digests of labels, schema, protocol and the release with what they are of."""
    detail = f"{content.n_reads} answers, {len(content.records)} records, schema, protocol and release"
    return compared("digests inside the files", digest_differences(content, files), detail)


def digest_differences(content: Content, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield each digest that is not that of its content."""
    schema, protocol = content.schema, content.protocol
    if digest_of({"guideline": schema["guideline"], "questions": schema["questions"]}) != schema["digest"]:
        yield "schema.json: the digest is not that of the questions"
    if digest_of(protocol["document"]) != protocol["digest"]:
        yield "protocol.json: the digest is not that of the document"
    for line in json_values(files, "reads.jsonl"):
        if line["label"] is not None and digest_of(line["label"]) != line["digest"]:
            who = written((line["case"], line["question"], line["mark"]))
            yield f"reads.jsonl: {who} by {line['reader']}, revision {line['revision']}: another label was signed"
    units = [(unit, digest_of(record)) for unit, record in content.records.items()]
    if release_digest(units, content.manifest["ledger"]) != content.manifest["digest"]:
        yield "gold.jsonl, open.jsonl: the content address of the release is not theirs"
    for unit, record in content.records.items():
        for member, document in (("schema", schema), ("protocol", protocol)):
            if record[member]["digest"] != document["digest"]:
                yield f"{written(unit)}: made under another {member}"
