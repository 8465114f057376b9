"""Check a package offline: no database, no network, nothing but the package and the functions that made it."""

from pathlib import Path

from qc.settling.base import CODE_VERSION
from reports.exporters.manifest import MANIFEST
from reports.verification.base import DIFFERS, Item, PackageProblem, Report, cannot
from reports.verification.content import Content, Json, content_of, json_value
from reports.verification.dissent import check_dissent
from reports.verification.integrity import check_digests, check_files, check_signature
from reports.verification.ledger import check_ledger
from reports.verification.notices import check_notices
from reports.verification.package import open_package
from reports.verification.people import check_exposure, check_splits
from reports.verification.statistics import check_statistics
from reports.verification.units import check_decided_labels, check_rule_labels, settle_all

RECOMPUTED = ("labels by rule", "labels by a person", "minority report", "statistics")


def verify_package(path: Path, public_key: bytes | None = None, notices: bytes | None = None) -> Report:
    """Compare everything that a package says with what follows from its reads.

    Parameters
    ----------
    path : Path
        A zip archive or a folder.
    public_key : bytes or None
        PEM of the key that must have signed it; None takes the key inside the package.
    notices : bytes or None
        What was said about the release since, as the service hands it out; None does not ask.

    Returns
    -------
    Report
        In this order: signature, files, digests, ledger, labels by rule, labels by a person,
        minority report, statistics, blinding, splits, notices. A package that cannot be read ends the report
        where it cannot.
    """
    try:
        files = open_package(path)
    except PackageProblem as problem:
        return Report("", (Item("package", DIFFERS, str(problem)),))
    items: list[Item] = []
    title = ""
    try:
        title = title_of(json_value(files, MANIFEST))
        items += [check_signature(files, public_key), check_files(files)]
        content = content_of(files)
        items += [check_digests(content, files), check_ledger(content), *recomputed(content)]
        items += [check_exposure(content, files), check_splits(content, files)]
        if notices is not None:
            items.append(check_notices(files, notices, public_key))
    except PackageProblem as problem:
        items.append(Item("content", DIFFERS, str(problem)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        items.append(Item("content", DIFFERS, f"A value is missing or is not what it should be ({error!r})."))
    return Report(title, tuple(items))


def recomputed(content: Content) -> list[Item]:
    """Return the checks that settle and measure again; only the code that made a release can."""
    made_by = content.manifest["software"]["code_version"]
    if made_by != CODE_VERSION:
        reason = f"Made by code version {made_by}; this program is {CODE_VERSION} and may compute otherwise."
        return [cannot(name, reason) for name in RECOMPUTED]
    settled = settle_all(content)
    return [
        check_rule_labels(content, settled),
        check_decided_labels(content, settled),
        check_dissent(content, settled),
        check_statistics(content, settled),
    ]


def title_of(body: Json) -> str:
    """Return the release as its manifest names it."""
    project = body.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return f"{name}, release {body.get('number')}, content {body.get('digest')}"
