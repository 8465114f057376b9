"""Static files under hashed names, with the imports between our own modules rewritten to match."""

from collections.abc import Callable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_MODULES = "js/"


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashes every file and follows ES-module imports in ``static/js`` only.

    Libraries are left as they came: some refer to files that their package does not contain.
    """

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, hashed_files: Any, template: str | None = None) -> Callable[[Any], str]:
        """Return the rewriting of one file's references; foreign scripts keep theirs."""
        if name.endswith((".js", ".mjs")) and not name.startswith(OWN_MODULES):
            return _unchanged
        return super().url_converter(name, hashed_files, template)  # type: ignore[no-any-return]


def _unchanged(match: Any) -> str:
    return str(match.group(0))
