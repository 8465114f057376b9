"""The catalogues of this app: one line an entry, one file a line."""

from annotations.registry import Catalogue
from reports.charts.base import ChartSpec
from reports.exporters.base import Exporter

CHARTS: Catalogue[ChartSpec] = Catalogue(
    "reports.charts",
    [
        "forest",
        "flow",
        "ledger_bar",
        "reader_heatmap",
        "confusion_matrix",
        "distribution",
    ],
)

EXPORTERS: Catalogue[Exporter] = Catalogue(
    "reports.exporters",
    [
        "csv_table",
        "jsonl",
        "datasheet",
        "dossier",
        "csv_wide",
        "parquet_table",
        "parquet_wide",
        "coco",
        "label_studio",
        "cvat_xml",
        "yolo",
        "pascal_voc",
        "dicom_seg",
        "rtstruct",
        "dicom_sr",
        "nifti_mask",
        "nrrd_mask",
        "croissant",
        "hugging_face",
    ],
)
