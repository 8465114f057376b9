"""Gold regions as boxes in Pascal VOC: an XML file a slice, an object for each finding on it.

Everingham M et al. (2010), doi:10.1007/s11263-009-0275-4; "VOC2012 development kit", section 8.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from reports.exporters._names import file_stems, plane_name
from reports.exporters._planes import Plane, planes_of
from reports.exporters._scenes import Finding, Scene, album, class_names, refuse_details
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

Names = Mapping[tuple[str, str], str]


def voc(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``Annotations/``, ``ImageSets/Main/gold.txt`` and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        The corners of a box are the first and last pixel of the region, counted from 1, both inside.
    """
    made, names = album(bundle), class_names(bundle)
    stems = file_stems(scene.case for scene in made.scenes)
    files = {"left-out.csv": made.left_out_csv()}
    listed: list[str] = []
    for scene in made.scenes:
        for stem, content in _slices(scene, stems[scene.case], names):
            files[f"Annotations/{stem}.xml"] = content
            listed.append(stem + "\n")
    files["ImageSets/Main/gold.txt"] = "".join(listed).encode()
    return zipped(files)


def _slices(scene: Scene, stem: str, names: Names) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the document of each slice."""
    objects: dict[int, list[tuple[Finding, Plane]]] = defaultdict(list)
    for finding in scene.findings:
        for plane in planes_of(finding.label, scene.shape):
            objects[plane.slice].append((finding, plane))
    depth, height, width = scene.shape
    for index in range(depth):
        name = plane_name(stem, index, depth)
        root = Element("annotation")
        SubElement(root, "filename").text = f"{name}.png"
        size = SubElement(root, "size")
        for tag, pixels in (("width", width), ("height", height), ("depth", 1)):
            SubElement(size, tag).text = str(pixels)
        SubElement(root, "segmented").text = "0"
        for finding, plane in objects[index]:
            _object(root, names[finding.question, finding.name], plane)
        content: bytes = tostring(root, encoding="utf-8")
        yield name, content + b"\n"


def _object(root: Element, name: str, plane: Plane) -> None:
    item = SubElement(root, "object")
    for tag, text in (("name", name), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")):
        SubElement(item, tag).text = text
    height, width = plane.pixels.shape
    corners = {
        "xmin": plane.left + 1,
        "ymin": plane.top + 1,
        "xmax": plane.left + width,
        "ymax": plane.top + height,
    }
    box = SubElement(item, "bndbox")
    for tag, pixel in corners.items():
        SubElement(box, tag).text = str(pixel)


SPEC = Exporter(
    title="Pascal VOC boxes (XML in zip)",
    suffix="zip",
    media_type="application/zip",
    function=voc,
    kinds=frozenset({"mask", "polygon", "box", "category"}),
    refuse=refuse_details,
    loses=(
        "Only the box of a region is kept, not its outline; sides between pixels are moved outward to whole ones.",
        "A volume is cut into its slices, and nothing says which boxes are one finding.",
        "A case with an open region is left out, because a file without a box says that nothing is there.",
        "Only the class of a finding is held: no grades, numbers or answers about a case.",
        "Support, dissent and provenance are in the package alone.",
    ),
)
