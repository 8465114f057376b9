"""The files of an exported archive."""

import io
import zipfile

from reports.exporters.base import export


def files_of(spec, bundle):
    with zipfile.ZipFile(io.BytesIO(export(spec, bundle))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
