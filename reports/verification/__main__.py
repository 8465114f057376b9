"""``python -m reports.verification PACKAGE``: check a package without a database or settings."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.verification.verify import verify_package

EQUAL = 0
USAGE = 2
DIFFERENT = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the package that the arguments name; return 0 equal, 3 a difference. Wrong usage exits with 2."""
    parser = argparse.ArgumentParser(prog="python -m reports.verification", description=main.__doc__)
    parser.add_argument("package", type=Path, help="The zip archive, or the folder that it was unpacked to.")
    parser.add_argument("--key", type=Path, help="PEM file of the public key that must have signed it.")
    parser.add_argument("--notices", type=Path, help="What was said about it since: the JSON of …/notices.")
    parser.add_argument("--json", action="store_true", dest="as_json", help="Print JSON for machines.")
    options = parser.parse_args(arguments)
    for path in (options.package, options.key, options.notices):
        if path is not None and not path.exists():
            parser.error(f"There is no {path}.")
    key, notices = (path.read_bytes() if path else None for path in (options.key, options.notices))
    report = verify_package(options.package, key, notices)
    text = json.dumps(report.as_dict()) if options.as_json else "\n".join(report.lines())
    sys.stdout.write(text + "\n")
    return EQUAL if report.is_equal else DIFFERENT


if __name__ == "__main__":
    sys.exit(main())
