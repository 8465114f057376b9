"""Packages with one thing changed, signed again or not."""

import json
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.exporters.base import digest_of as digest
from reports.exporters.base import json_file, release_digest, sha256, unit_of
from reports.exporters.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, UNLISTED, root_of, zipped
from reports.signing import key_id, public_pem

FORGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def unpacked(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files, path):
    path.write_bytes(zipped(files))
    return path


def lines(files, name):
    return [json.loads(line) for line in files[name].splitlines()]


def with_lines(files, name, values):
    return {**files, name: b"".join(json_file(value) for value in values)}


def changed(files, name, change):
    """The files with ``change`` done to every line of one of them."""
    values = lines(files, name)
    for value in values:
        change(value)
    return with_lines(files, name, values)


def forged(files):
    """The files under a manifest and content address that fit them, signed by somebody else."""
    body = json.loads(files[MANIFEST])
    records = [*lines(files, "gold.jsonl"), *lines(files, "open.jsonl")]
    body["digest"] = release_digest([(unit_of(one), digest(one)) for one in records], body["ledger"])
    body["files"] = [
        {"path": name, "bytes": len(content), "sha256": sha256(content)}
        for name, content in sorted(files.items())
        if name not in UNLISTED
    ]
    body["root"], body["key"] = root_of(body["files"]), key_id(FORGER)
    signed = json_file(body)
    return {**files, MANIFEST: signed, SIGNATURE: FORGER.sign(signed), PUBLIC_KEY: public_pem(FORGER)}
