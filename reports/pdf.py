"""HTML of ours to PDF/UA; the engine is loaded when it is needed, for it asks for libraries that a server may lack."""

import importlib
import logging
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from django.contrib.staticfiles import finders

from reports.errors import PaperNotPossible

# Everything that a paper may load stands in its own text; nothing is asked of a network or a disk.
SCHEMES = ("data",)
IDENTIFIER_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """What becomes a PDF.

    Parameters
    ----------
    html : str
        A whole document, with its title and language; pictures as ``data:`` addresses with ``alt``.
    digest : str
        Hexadecimal digest of the data; becomes the identifier of the file.
    made_at : datetime
        When the data were measured; the file claims no other time.
    """

    html: str
    digest: str
    made_at: datetime


def pdf_of(sheet: Sheet) -> bytes:
    """Return a tagged PDF/UA-1; the same sheet gives the same bytes.

    Raises
    ------
    PaperNotPossible
        When the engine, or a library of the system that it needs, is not there.
    """
    engine = engine_of()
    style = finders.find("css/paper.css")
    fetcher = importlib.import_module("weasyprint.urls").URLFetcher(allowed_protocols=SCHEMES)
    moment = sheet.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    times = f'<meta name="dcterms.created" content="{moment}"><meta name="dcterms.modified" content="{moment}">'
    document = engine.HTML(string=sheet.html.replace("</head>", f"{times}</head>", 1), url_fetcher=fetcher)
    identifier = bytes.fromhex(sheet.digest)[:IDENTIFIER_BYTES]
    made: bytes = document.write_pdf(
        stylesheets=[engine.CSS(filename=style)], pdf_variant="pdf/ua-1", pdf_identifier=identifier
    )
    return made


def engine_of() -> ModuleType:
    """Return the engine, or refuse with a problem that says what to install."""
    try:
        engine = importlib.import_module("weasyprint")
    except (ImportError, OSError) as missing:
        raise PaperNotPossible(
            "Install Pango (libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0) on the server; until then print "
            "the page, which holds the same numbers."
        ) from missing
    # It tells of every property that paper does not know, and of fonts: nothing that anybody could act on.
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return engine


def is_possible() -> bool:
    """Say whether this server can make PDFs."""
    try:
        engine_of()
    except PaperNotPossible:
        return False
    return True
