"""One small true file of every format, made here: nothing is read from disk."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from itertools import groupby

import nibabel as nib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.annotations.importers.rtstruct_made import square_on, structure_set
from tests.annotations.importers.seg_made import phantom, segmentation
from tests.annotations.importers.sr_made import report

QUESTIONS = {
    "outline": "polygon",
    "region": "mask",
    "type": "category",
    "grade": "grade",
    "size": "measurement",
    "frame": "box",
}
OUTLINE = {"reader": "ada", "question": "outline", "category_question": "type"}
REGION = {"reader": "ada", "question": "region", "category_question": "type"}
MAP = {**REGION, "case": "scan-01"}


@dataclass(frozen=True)
class Sample:
    importer: str
    data: bytes
    options: dict[str, str] = field(default_factory=dict)
    name: str = "file"


def brush(mask):
    """Label Studio's bits for a mask, with blocks of each size and of single values; written apart from the reader."""
    values = np.repeat(mask.ravel().astype(int) * 255, 4).tolist()
    text = f"{len(values):032b}{7:05b}" + "".join(f"{size - 1:04b}" for size in (3, 4, 8, 16))
    for value, run in groupby(values):
        left = len(list(run))
        while left:
            if left == 1 or left == 2:
                text += "0" + "00" + f"{left - 1:03b}" + f"{value:08b}" * left
                left = 0
                continue
            index, bits = next((i, b) for i, b in enumerate((3, 4, 8, 16)) if left <= 2**b or b == 16)
            length = min(left, 2**bits)
            text += "1" + f"{index:02b}" + f"{length - 1:0{bits}b}" + f"{value:08b}"
            left -= length
    text += "0" * (-len(text) % 8)
    return [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]


def result(kind, value, control="outline", name="r1", **more):
    sizes = {"original_width": 20, "original_height": 10, "image_rotation": 0}
    return {"id": name, "type": kind, "from_name": control, "to_name": "image", "value": value, **sizes, **more}


def task(*results, person=1, image="/data/upload/3/0a1b2c3d-scan-01.png", **more):
    annotation = {"completed_by": person, "result": list(results), "lead_time": 4.5, **more}
    return {"id": 9, "data": {"image": image}, "annotations": [annotation]}


MASK = np.zeros((10, 20), dtype=bool)
MASK[2:5, 3:9] = True
MASK[7, 0] = MASK[9, 19] = True

BOX = {"x": 10, "y": 20, "width": 40, "height": 30}
LABEL_STUDIO = [
    task(
        result("polygonlabels", {"points": [[10, 20], [50, 20], [50, 80]], "polygonlabels": ["mass"]}),
        result(
            "rectanglelabels", {"x": 10, "y": 20, "width": 40, "height": 30, "rectanglelabels": ["cyst"]}, name="r2"
        ),
        result("brushlabels", {"rle": brush(MASK), "format": "rle", "brushlabels": ["mass"]}, "region", "r3"),
        result("choices", {"choices": ["benign"]}, "type", "r4"),
        result("rating", {"rating": 3}, "grade", "r5"),
        result("number", {"number": 12.5}, "size", "r6"),
    ),
    task(person={"id": 2, "email": "ben@example.org"}),
]

CVAT_IMAGES = b"""<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><size>2</size></task></meta>
<image id="0" name="a/scan-01.png" width="20" height="10">
 <polygon label="mass" points="2.0,2.0;8.0,2.0;8.0,6.0;2.0,6.0"><attribute name="birads">4</attribute></polygon>
 <box label="cyst" xtl="1" ytl="2" xbr="5" ybr="4"></box>
 <box label="cyst" xtl="4" ytl="2" xbr="8" ybr="4" rotation="90"></box>
 <tag label="benign"></tag>
</image>
<image id="1" name="scan-02.png" width="20" height="10"></image>
</annotations>"""
CVAT_MASK = (
    b'<annotations><image name="scan-01.png" width="20" height="10">'
    b'<mask label="mass" rle="1, 2, 1, 4" left="3" top="2" width="4" height="2"/></image></annotations>'
)
CVAT_VIDEO = b"""<annotations><meta><task><size>3</size><start_frame>10</start_frame><stop_frame>16</stop_frame>
<frame_filter>step=3</frame_filter><original_size><width>20</width><height>10</height></original_size></task>
<source>scan-03.mp4</source></meta>
<track id="5" label="mass">
 <polygon frame="10" outside="0" points="1,1;5,1;5,5"/><polygon frame="13" outside="0" points="2,1;6,1;6,5"/>
 <polygon frame="16" outside="1" points="2,1;6,1;6,5"/>
</track></annotations>"""

LABELME_JSON = {
    "version": "5.4.1",
    "imagePath": "..\\pictures\\scan-01.png",
    "imageHeight": 10,
    "imageWidth": 20,
    "imageData": None,
    "shapes": [
        {"label": "mass", "points": [[1, 1], [5, 1], [5, 5]], "group_id": None, "shape_type": "polygon"},
        {"label": "cyst", "points": [[8, 8], [6, 4]], "group_id": 1, "shape_type": "rectangle"},
        {"label": "cyst", "points": [[10, 4], [12, 4], [12, 8]], "group_id": 1, "shape_type": "polygon"},
    ],
}
LABELME_XML = (
    b"<annotation><filename>scan-01.jpg</filename><source><sourceAnnotation>LabelMe Webtool</sourceAnnotation></source>"
    b"<object><name>mass</name><deleted>0</deleted><id>0</id><polygon><username>ada</username>"
    b"<pt><x>1</x><y>1</y></pt><pt><x>5</x><y>1</y></pt><pt><x>5</x><y>5</y></pt></polygon></object>"
    b"<object><name>mass</name><deleted>1</deleted><id>1</id><polygon><username>ada</username></polygon></object>"
    b"<object><name>cyst</name><deleted>0</deleted><id>2</id><polygon><username>ben</username>"
    b"<pt><x>6</x><y>1</y></pt><pt><x>9</x><y>1</y></pt><pt><x>9</x><y>5</y></pt></polygon></object>"
    b"<imagesize><nrows>10</nrows><ncols>20</ncols></imagesize></annotation>"
)
VOC = (
    b"<annotation><filename>scan-01.jpg</filename><size><width>20</width><height>10</height><depth>1</depth></size>"
    b"<object><name>mass</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    b"<object><name>cyst</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
    b"</annotation>"
)


def png(height, width):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + bytes(width) for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


YOLO = zipped(
    {
        "data.yaml": b"names: [mass, cyst]\n",
        "train.txt": b"images/scan-01.png\n",
        "classes.txt": b"mass\ncyst\n",
        "images/scan-01.png": png(10, 20),
        "images/scan-02.png": png(4, 8),
        "labels/scan-01.txt": b"0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.4 0.1 0.4 0.6\n0 0.1 0.1 0.4 0.1 0.4 0.6 0.1 0.6\n",
        "labels/scan-02.txt": b"",
    }
)

VOLUME = np.zeros((4, 5, 6), dtype=np.uint8)  # x, y, z of the file
VOLUME[1, 2, 3] = 1
VOLUME[2:4, 0, 0] = 2
AFFINE = np.diag([-0.5, -0.75, 2.0, 1.0])  # RAS: x runs to the left and y to the back, as in LPS


def nifti(volume=VOLUME, affine=AFFINE, *, packed=True):
    image = nib.Nifti1Image(volume, affine)
    image.header.set_xyzt_units("mm")
    data = image.to_bytes()
    return gzip.compress(data, mtime=0) if packed else data


def nrrd(volume=VOLUME, *, fields=None, keys=None, encoding="gzip"):
    """A NRRD of an array indexed by the file's axes, the fastest first."""
    types = {"uint8": "unsigned char", "int16": "short", "float32": "float"}
    lines = {
        "type": types[str(volume.dtype)],
        "dimension": str(volume.ndim),
        "space": "left-posterior-superior",
        "sizes": " ".join(map(str, volume.shape)),
        "space directions": "(0.5,0,0) (0,0.75,0) (0,0,2)",
        "kinds": "domain domain domain",
        "endian": "little",
        "encoding": encoding,
        "space origin": "(0,0,0)",
        **(fields or {}),
    }
    header = "NRRD0004\n" + "".join(f"{name}: {text}\n" for name, text in lines.items())
    header += "".join(f"{name}:={text}\n" for name, text in (keys or {}).items()) + "\n"
    body = volume.tobytes(order="F")
    return header.encode() + (gzip.compress(body, mtime=0) if encoding == "gzip" else body)


WIDE = (
    b"case,reader,seconds,type,grade,size,outline\n"
    b"scan-01,ada,4.5,benign,3,12.5 mm,\n"
    b"scan-02,ben,,,cannot assess: motion,,nothing found\n"
)
LINES = (
    b'{"case":"scan-01","counted":true,"label":{"code":"benign","kind":"category"},"mark":"","question":"type",'
    b'"reader":"ada","seconds":3.5}\n'
    b'{"case":"scan-01","counted":false,"label":{"code":"malignant","kind":"category"},"mark":"","question":"type",'
    b'"reader":"ada","seconds":null}\n'
    b'{"case":"scan-02","finding":"","label":{"kind":"grade","level":"3"},"question":"grade"}\n'
)
COCO = {
    "images": [{"id": 7, "file_name": "scan-01.png", "width": 20, "height": 10}],
    "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "segmentation": [[2, 2, 8, 2, 8, 6, 2, 6]]}],
    "categories": [{"id": 1, "name": "mass"}],
}


def said(answer, question="q-type", **more):
    return {"answer": answer, "question": question, "display_set": "d1", "creator": "ada", **more}


LENGTH = {"type": "Distance measurement", "start": [0, 0, 0], "end": [3, 4, 0]}
GRAND = [
    said("benign", "https://example.org/api/v1/reader-studies/questions/q-type/", total_edit_duration="00:01:02.5"),
    said(3, "q-grade"),
    said(LENGTH, "q-size"),
    said(None),
]
GRAND_OPTIONS = {"questions": "q-type=type, q-grade=grade, q-size=size", "cases": "d1=scan-01"}


def as_json(value):
    return json.dumps(value).encode()


MARKUPS = {
    "@schema": "https://raw.githubusercontent.com/slicer/slicer/master/markups-schema-v1.0.3.json#",
    "markups": [
        {
            "type": "Line",
            "coordinateSystem": "LPS",
            "controlPoints": [{"label": "L-1", "position": [0, 0, 1.5]}, {"label": "L-2", "position": [3, 4, 1.5]}],
        },
        # From the corner of voxel (1, 2, 3) to that of (3, 6, 13) of the phantom of segmentations.
        {
            "type": "ROI",
            "roiType": "Box",
            "coordinateSystem": "RAS",
            "center": [27.25, 74.7, 105.0],
            "size": [5, 3.2, 5],
        },
    ],
}


MITK = {
    "FileFormat": "MITK ROI",
    "Version": 1,
    "Geometry": {"Origin": [-31.0, -77.5, 101.25], "Spacing": [0.5, 0.8, 2.5], "Size": [24, 20, 6]},
    "ROIs": [
        {"ID": 7, "Min": [2, 3, 1], "Max": [10, 7, 2], "Properties": {"StringProperty": {"name": "benign"}}},
    ],
}


def on_study(number, label, who="U_1", **more):
    uids = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.1", "SOPInstanceUID": "1.2.3.1.1"}
    size = {"height": 10, "width": 20}
    return {
        "id": f"A_{number}",
        "annotationNumber": number,
        "labelId": label,
        "createdById": who,
        **uids,
        **size,
        **more,
    }


MDAI = {
    "label": "project",
    "datasets": [
        {
            "id": "D_1",
            "name": "one",
            "annotations": [
                on_study(1, "L_box", data={"x": 2.5, "y": 3, "width": 6, "height": 4}),
                on_study(2, "L_mass", who="U_2", data={"vertices": [[1, 1], [6, 1], [6, 4]]}),
                on_study(3, "L_benign", SOPInstanceUID=None, data=None),
            ],
        },
        {"id": "D_2", "name": "two", "annotations": [on_study(4, "L_malignant", StudyInstanceUID="1.2.4", data=None)]},
    ],
    "labelGroups": [
        {
            "labels": [
                {"id": "L_box", "name": "Frame", "annotationMode": "bbox", "scope": "INSTANCE"},
                {"id": "L_mass", "name": "Mass", "annotationMode": "polygon", "scope": "INSTANCE"},
                {"id": "L_benign", "name": "Benign", "annotationMode": None, "scope": "EXAM"},
                {"id": "L_malignant", "name": "Malignant", "annotationMode": None, "scope": "EXAM"},
                {"id": "L_line", "name": "Length", "annotationMode": "line", "scope": "INSTANCE"},
                {"id": "L_other", "name": "Other", "annotationMode": "bbox", "scope": "INSTANCE"},
            ]
        }
    ],
}
MDAI_OPTIONS = {
    "labels": "Frame=frame, L_mass=outline, Benign=type, Malignant=type, Length=size",
    "cases": "1.2.3=scan-01",
    "readers": "U_1=ada",
    "codes": "Benign=benign",
}


def parquet(columns, **options):
    """A Parquet table of name to cells."""
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, **options)
    return stream.getvalue()


SAMPLES = [
    Sample(
        "csv_table",
        parquet({"case": ["scan-01"], "reader": ["ada"], "question": ["grade"], "value": [3]}),
        name="reads.parquet",
    ),
    Sample("csv_table", b"case,reader,question,value\nscan-01,ada,grade,3\n", name="reads.csv"),
    Sample("csv_wide", WIDE, name="wide.csv"),
    Sample("jsonl", LINES, {"reader": "gold"}, "reads.jsonl"),
    Sample("coco", as_json(COCO), OUTLINE, "coco.json"),
    Sample(
        "label_studio",
        as_json(LABEL_STUDIO),
        {"readers": "1=ada, ben@example.org=ben", "unit": "mm", "empty_question": "outline"},
        "export.json",
    ),
    Sample(
        "cvat_xml",
        CVAT_IMAGES,
        {**OUTLINE, "attributes": "birads=grade", "tag_question": "type"},
        "annotations.xml",
    ),
    Sample("cvat_xml", CVAT_MASK, REGION, "mask.xml"),
    Sample("cvat_xml", CVAT_VIDEO, OUTLINE, "video.xml"),
    Sample("labelme", as_json(LABELME_JSON), OUTLINE, "scan-01.json"),
    Sample("labelme", LABELME_XML, {"question": "outline", "category_question": "type"}, "scan-01.xml"),
    Sample("pascal_voc", VOC, OUTLINE, "scan-01.xml"),
    Sample("yolo", YOLO, OUTLINE, "labels.zip"),
    Sample("yolo", b"0 0.5 0.5 0.2 0.4\n", {**OUTLINE, "case": "scan-01", "size": "20x10"}, "scan-01.txt"),
    Sample("pascal_voc", zipped({"1.xml": VOC}), OUTLINE, "voc.zip"),
    Sample("nifti_mask", zipped({"scan-01.nii": nifti(packed=False)}), REGION, "masks.zip"),
    Sample("nifti_mask", nifti(), MAP, "mask.nii.gz"),
    Sample("nifti_mask", nifti(packed=False), MAP, "mask.nii"),
    Sample("dicom_seg", segmentation(phantom()), {**MAP, "labels": "Part 1=benign"}, "parts.dcm"),
    Sample(
        "rtstruct",
        structure_set({"GTV": [square_on(2, 3.5, 9.5, 4.5, 9.5)], "Heart": [square_on(3, 3.5, 9.5, 4.5, 9.5)]}),
        {**MAP, "structures": "GTV=benign, Heart=malignant"},
        "structures.dcm",
    ),
    Sample("slicer_markups", as_json(MARKUPS), {"case": "scan-01", "reader": "ada", "question": "size"}, "m.mrk.json"),
    Sample(
        "mitk_roi",
        as_json(MITK),
        {"case": "scan-01", "reader": "ada", "question": "frame", "category_question": "type"},
        "m.json",
    ),
    Sample(
        "dicom_sr",
        report(),
        {
            "case": "scan-01",
            "reader": "ada",
            "questions": "Diameter=size, Finding=type",
            "codes": "Nodule=benign",
            "region": "region",
        },
        "report.dcm",
    ),
    Sample("mdai", as_json(MDAI), MDAI_OPTIONS, "project.json"),
    Sample("nrrd_mask", nrrd(), MAP, "mask.nrrd"),
    Sample("nrrd_mask", nrrd(encoding="raw"), MAP, "raw.nrrd"),
    Sample("grand_challenge", as_json(GRAND), GRAND_OPTIONS, "answers.json"),
]
