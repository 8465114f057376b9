"""The catalogues of this app: one line an entry, one file a line."""

from annotations.registry import Catalogue
from qc.agreement.base import Statistic
from qc.consensus.base import Method
from qc.protocols.base import Protocol
from qc.routing.base import Rule

STATISTICS: Catalogue[Statistic] = Catalogue(
    "qc.agreement",
    [
        "percent",
        "cohen_kappa",
        "fleiss_kappa",
        "gwet_ac",
        "krippendorff_alpha",
        "dice",
        "iou",
    ],
)

METHODS: Catalogue[Method] = Catalogue(
    "qc.consensus",
    [
        "majority",
        "majority_mask",
        "staple",
        "median",
        "plurality",
        "n_of_m",
        "weighted_majority",
        "set_vote",
        "mean",
        "closest_two",
        "landmark_mean",
        "box_fusion",
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

RULES: Catalogue[Rule] = Catalogue(
    "qc.routing",
    [
        "low_agreement",
        "no_majority",
    ],
)

PROTOCOLS: Catalogue[Protocol] = Catalogue(
    "qc.protocols",
    [
        "double_read_arbitration",
        "majority_panel",
    ],
)
