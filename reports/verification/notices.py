"""What was said about a release after it was frozen: a file of its own, signed with the same key."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature

from annotations.labels.base import canonical
from reports.exporters.manifest import MANIFEST, PUBLIC_KEY
from reports.verification.base import DIFFERS, REPRODUCED, Item, cannot
from reports.verification.content import json_value, needed
from reports.verification.integrity import key_id, loaded_key

NAME = "notices"


def check_notices(files: Mapping[str, bytes], notices: bytes, public_key: bytes | None) -> Item:
    """Check that notices are about this release and signed with its key, and say what they say.

    Parameters
    ----------
    files : mapping
        The package.
    notices : bytes
        JSON as the service hands it out.
    public_key : bytes or None
        PEM of the key that the checker trusts; None takes the key inside the package.

    Returns
    -------
    Item
        A withdrawn release differs: nobody should use it any more.
    """
    try:
        body: dict[str, Any] = json.loads(notices)
        signature = bytes.fromhex(body["signature"])
        said = {name: body[name] for name in ("release", "notices", "as_of")}
    except (ValueError, KeyError, TypeError) as error:
        return cannot(NAME, f"The file holds no notices ({error!r}).")
    key = loaded_key(needed(files, PUBLIC_KEY) if public_key is None else public_key)
    if key is None:
        return cannot(NAME, "The public key is no Ed25519 key in PEM form.")
    try:
        key.verify(signature, canonical(said).encode())
    except InvalidSignature:
        return Item(NAME, DIFFERS, f"The notices were not signed with the key {key_id(key)}.")
    manifest = json_value(files, MANIFEST)
    if said["release"] != {"number": manifest["number"], "digest": manifest["digest"]}:
        return Item(NAME, DIFFERS, "The notices are about another release.")
    words = tuple(f"{one['kind']} {one['number']}: {one['text']}" for one in said["notices"])
    withdrawn = any(one["kind"] == "withdrawal" for one in said["notices"])
    detail = f"{len(words)} as of {said['as_of']}" + ("; the release is withdrawn" if withdrawn else "")
    return Item(NAME, DIFFERS if withdrawn else REPRODUCED, detail, words)
