"""The parts of a COCO file, checked and ready to be looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from annotations.importers.base import ImportProblem

Entry = Mapping[str, Any]
Key = int | str


@dataclass(frozen=True, slots=True)
class Document:
    """A COCO file of object outlines.

    Parameters
    ----------
    annotations : list
        As they stand in the file; each entry may still be anything.
    images : mapping
        Image id to its entry.
    cases : mapping
        Image id to the case that its file name names, in the order of the file.
    categories : mapping
        Category id to its name.
    annotated : frozenset
        Ids of the images that an annotation names, whether or not it can be taken.
    """

    annotations: list[Any]
    images: Mapping[Key, Entry]
    cases: Mapping[Key, str]
    categories: Mapping[Key, str]
    annotated: frozenset[Key]

    def image_of(self, entry: object, line: int) -> Entry:
        """Return the image of an annotation, or raise ImportProblem when the file has none such."""
        if not isinstance(entry, Mapping):
            raise ImportProblem("not-an-object", "An annotation is a JSON object.", line=line)
        key = _key(entry.get("image_id"))
        if key is None or key not in self.images:
            message = f"The file has no image with the id {str(entry.get('image_id'))[:40]}."
            raise ImportProblem("dangling-image", message, line=line, column="image_id")
        return self.images[key]

    def category_of(self, entry: Entry, line: int) -> str:
        """Return the name of an annotation's category, or raise ImportProblem when the file has none such."""
        key = _key(entry.get("category_id"))
        if key is None or key not in self.categories:
            message = f"The file has no category with the id {str(entry.get('category_id'))[:40]}."
            raise ImportProblem("dangling-category", message, line=line, column="category_id")
        return self.categories[key]


def index(document: object) -> Document:
    """Return the parts of a file, or raise ImportProblem when it is no COCO file of outlines.

    Parameters
    ----------
    document : object
        The parsed JSON.
    """
    if isinstance(document, list):
        message = "This is a COCO results file (a bare list): it names no images, so its cases are unknown."
        raise ImportProblem("results-file", message)
    if not isinstance(document, Mapping):
        raise ImportProblem("not-coco", "A COCO file is a JSON object with images, annotations and categories.")
    parts = {name: _part(document, name) for name in ("images", "annotations", "categories")}
    _check_purpose(parts)
    images = _by_id(parts["images"], "images")
    names = {key: str(entry["name"]) for key, entry in _by_id(parts["categories"], "categories", "name").items()}
    keys = (_key(entry.get("image_id")) for entry in parts["annotations"] if isinstance(entry, Mapping))
    annotated = frozenset(key for key in keys if key is not None)
    return Document(parts["annotations"], images, _cases(images), names, annotated)


def _part(document: Entry, name: str) -> list[Any]:
    part = document.get(name)
    if not isinstance(part, list):
        message = f"The file needs a list {name!r}; a COCO file has images, annotations and categories."
        raise ImportProblem("not-coco", message, column=name)
    return part


def _check_purpose(parts: Mapping[str, list[Any]]) -> None:
    """Refuse COCO files that say something else than outlines, rather than read half of them."""
    entries = [entry for part in ("annotations", "categories") for entry in parts[part] if isinstance(entry, Mapping)]
    for member, what in (("caption", "captions"), ("keypoints", "keypoints"), ("segments_info", "panoptic segments")):
        if any(member in entry for entry in entries):
            raise ImportProblem(f"{member.replace('_', '-')}-file", f"This COCO file holds {what}, which are not read.")
    if not parts["annotations"] and not parts["categories"]:
        message = "The file lists images only; without categories it cannot mean that nothing was found on them."
        raise ImportProblem("images-only", message)


def _by_id(entries: list[Any], name: str, text: str = "file_name") -> dict[Key, Entry]:
    found: dict[Key, Entry] = {}
    for position, entry in enumerate(entries, start=1):
        key = _key(entry.get("id")) if isinstance(entry, Mapping) else None
        if key is None or not isinstance(entry.get(text), str) or not entry[text].strip():
            message = f"Entry {position} of {name} is no object with an id and a {text}."
            raise ImportProblem("not-coco", message, line=position, column=name)
        if key in found:
            raise ImportProblem("duplicate-id", f"Two {name} have the id {str(key)[:40]}.", line=position, column=name)
        found[key] = entry
    return found


def _cases(images: Mapping[Key, Entry]) -> dict[Key, str]:
    cases: dict[Key, str] = {}
    owner: dict[str, str] = {}
    for key, entry in images.items():
        path = entry["file_name"].replace("\\", "/").strip()
        case = PurePosixPath(path).stem
        if not case or case in owner:
            other = owner.get(case, "")
            message = f"The image files {other[:80]!r} and {path[:80]!r} would be one case, {case[:80]!r}."
            raise ImportProblem("ambiguous-case", message, column="images")
        owner[case] = path
        cases[key] = case
    return cases


def _key(value: object) -> Key | None:
    """Return an id that can be looked up: a whole number or a text, never true, false or 1.0."""
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None
