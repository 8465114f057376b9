"""The gold labels with metadata in Croissant 1.0, the JSON-LD vocabulary of MLCommons for data sets.

Akhtar M et al. (2024), doi:10.1145/3650203.3663326; docs.mlcommons.org/croissant/docs/croissant-spec.html.
"""

from typing import Any

from annotations.labels.base import canonical
from reports.exporters._account import models_said
from reports.exporters._csv import write_csv
from reports.exporters._rows import COLUMNS, flat_rows
from reports.exporters.base import Exporter, GoldBundle, json_file, sha256
from reports.exporters.manifest import zipped

FILE = "gold-labels.csv"
TYPES = {"text": "sc:Text", "number": "sc:Float", "count": "sc:Integer"}
_OWN = (
    "citeAs", "column", "dataBiases", "dataCollection", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path",
    "personalSensitiveInformation", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
    "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{name: f"cr:{name}" for name in _OWN},
}


def croissant(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``croissant.json`` and the table that it describes.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        The table is CSV in which a text that a spreadsheet could run begins with ``'``.
    """
    table = write_csv(tuple(COLUMNS), ([row[name] for name in COLUMNS] for row in flat_rows(bundle)))
    return zipped({"croissant.json": json_file(_metadata(bundle, table)), FILE: table})


def _metadata(bundle: GoldBundle, table: bytes) -> dict[str, Any]:
    project, release = bundle.project, bundle.release
    models = [" ".join(said) for said in models_said(bundle.protocol["document"], bundle.records).items()]
    about = [
        *models,
        project["description"],
        project["simulated_note"],
        f"Digest of the signed release: {release['digest']}.",
    ]
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"{project['slug']}-release-{release['number']}",
        "alternateName": project["name"],
        "description": " ".join(filter(None, about)),
        "version": f"{release['number']}.0.0",
        "datePublished": release["frozen_at"],
        "isLiveDataset": False,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": FILE,
                "name": FILE,
                "contentUrl": FILE,
                "contentSize": f"{len(table)} B",
                "encodingFormat": "text/csv",
                "sha256": sha256(table),
            }
        ],
        "recordSet": [_record_set()],
        "rai:dataAnnotationProtocol": _protocol(bundle),
        "rai:annotationsPerItem": canonical({"seats": bundle.protocol["document"]["seats"]}),
    }
    return {**found, "citeAs": project["attribution"]} if project["attribution"] else found


def _record_set() -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"labels/{name}",
            "name": f"labels/{name}",
            "description": text,
            "dataType": TYPES[kind],
            "source": {"fileObject": {"@id": FILE}, "extract": {"column": name}},
        }
        for name, (kind, text) in COLUMNS.items()
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": "labels",
        "name": "labels",
        "description": "One gold label a row.",
        "field": fields,
    }


def _protocol(bundle: GoldBundle) -> str:
    protocol = bundle.protocol
    return f"{protocol['name']}, version {protocol['number']}, digest {protocol['digest']}"


SPEC = Exporter(
    title="Croissant 1.0 (JSON-LD in zip)",
    suffix="zip",
    media_type="application/zip",
    function=croissant,
    loses=(
        "Regions stand as JSON in a column; no picture or volume is described.",
        "No licence is named, because a release does not state one; a validator warns of it.",
        "The dissenting answers are counted, not quoted; units without a gold label are not in it.",
    ),
)
