"""What the architecture tests read: the source files, their trees and the pure folders."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "annotations", "qc", "reports")
NOT_PURE = {"migrations", "management", "__pycache__"}
# Folders whose files are methods, one each; other pure folders hold parts that methods share.
BASE = "base"


def pure_folders() -> list[Path]:
    found = [
        folder
        for app in APPS
        for folder in sorted((ROOT / app).iterdir())
        if folder.is_dir() and folder.name not in NOT_PURE and (folder / "__init__.py").exists()
    ]
    assert found
    return found


def pure_files() -> list[Path]:
    return [path for folder in pure_folders() for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]


@cache
def source_files() -> tuple[Path, ...]:
    roots = [ROOT / name for name in ("config", *APPS)]
    found = sorted(path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts)
    assert found
    return tuple(found)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def exports_spec(path: Path) -> bool:
    """Whether the file assigns SPEC at its top level."""
    for node in tree(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "SPEC" for target in targets):
            return True
    return False


def imported_modules(path: Path) -> set[str]:
    """Every module that a file imports, as far as its statements tell."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names
