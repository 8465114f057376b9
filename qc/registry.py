"""The catalogues of this app: one line an entry, one file a line."""

from annotations.registry import Catalogue
from qc.agreement.base import Statistic
from qc.consensus.base import Method
from qc.planning.base import StudyPlan
from qc.protocols.base import Protocol
from qc.readers.base import ReaderStatistic
from qc.routing.base import Rule

STATISTICS: Catalogue[Statistic] = Catalogue(
    "qc.agreement",
    [
        "percent",
        "cohen_kappa",
        "fleiss_kappa",
        "gwet_ac",
        "krippendorff_alpha",
        "weighted_kappa",
        "light_kappa",
        "conger_kappa",
        "scott_pi",
        "brennan_prediger",
        "category_kappa",
        "specific_agreement",
        "prevalence",
        "two_by_two",
        "within_one",
        "kendall_w",
        "label_alpha",
        "label_agreement",
        "jaccard_alpha",
        "masi_alpha",
        "ranking_tau",
        "ranking_w",
        "icc_oneway",
        "icc_agreement",
        "icc_consistency",
        "lin_ccc",
        "bland_altman",
        "repeatability",
        "within_cv",
        "inter_intra",
        "dice",
        "iou",
        "volumetric_similarity",
        "generalised_conformity",
        "hausdorff",
        "hd95",
        "assd",
        "surface_dice",
        "boundary_iou",
        "centre_distance",
        "volume_difference",
        "box_iou",
        "box_giou",
        "landmark_distance",
        "oks",
        "interval_overlap",
        "object_f1",
        "panoptic_quality",
    ],
)

METHODS: Catalogue[Method] = Catalogue(
    "qc.consensus",
    [
        "majority",
        "majority_mask",
        "staple",
        "simple",
        "shape_average",
        "soft_mask",
        "multilabel_vote",
        "multilabel_staple",
        "median",
        "plurality",
        "n_of_m",
        "weighted_majority",
        "set_vote",
        "mean",
        "closest_two",
        "landmark_mean",
        "box_fusion",
        "box_median",
        "interval_vote",
        "rank_aggregation",
        "dawid_skene",
        "one_coin",
        "fast_dawid_skene",
        "ordinal_dawid_skene",
        "glad",
        "mace",
        "blup",
    ],
)

READER_STATISTICS: Catalogue[ReaderStatistic] = Catalogue(
    "qc.readers",
    [
        "accuracy",
        "leave_one_out",
        "confusion",
        "grade_bias",
        "volume_bias",
        "mcnemar",
        "marginal_homogeneity",
        "cochran_q",
        "ewma",
        "cusum",
        "error_cusum",
        "p_chart",
        "repeatability",
        "repeat_measurements",
        "speed",
        "spammer_score",
        "subgroup_gap",
        "kappa_homogeneity",
        "kappa_difference",
        "auc",
    ],
)

RULES: Catalogue[Rule] = Catalogue(
    "qc.routing",
    [
        "low_agreement",
        "no_majority",
        "outline_distance",
        "by_design",
        "arbitrate_concordant",
    ],
)

PROTOCOLS: Catalogue[Protocol] = Catalogue(
    "qc.protocols",
    [
        "double_read_arbitration",
        "majority_panel",
        "third_reader",
        "early_stop",
        "ai_second_reader",
        "mammography_double_reading",
        "vindr_three_plus_panel",
        "chexpert_truth_and_benchmark",
    ],
)

PLANS: Catalogue[StudyPlan] = Catalogue(
    "qc.planning",
    [
        "kappa_sample_size",
        "kappa_goodness_of_fit",
        "kappa_precision",
        "icc_precision",
        "icc_power",
        "readers_needed",
        "decision_study",
        "control_power",
        "control_sequence",
        "clean_controls",
        "majority_accuracy",
        "design_effect",
        "drift_alarm",
        "adjudication_value",
    ],
)
