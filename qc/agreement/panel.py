"""Which statistics stand side by side for a question, and in words where they part: never kappa alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qc.agreement._benchmark import KOO_LI, KRIPPENDORFF, LANDIS_KOCH, Bands, reached
from qc.agreement.base import DIFFERENCE_GROWS, Estimate, named, parted

NOMINAL, ORDINAL = "nominal", "ordinal"
NUMERIC = ("interval", "ratio")
SETS = "sets"
RANKS = "ranks"

# Agreement and kappa this far apart are explained in words (Feinstein & Cicchetti 1990 call both a paradox).
_HIGH_PERCENT = 0.8
_LOW_KAPPA = 0.4
_WIDE_GAP = 0.3
_DOMINANT = 0.8
_BIASED = 0.1
# A concordance this far above agreement means a shift.
_SHIFTED = 0.1


@dataclass(frozen=True, slots=True)
class Design:
    """What decides which statistics mean something.

    Parameters
    ----------
    scale : str
        nominal, ordinal, interval, ratio, sets or ranks.
    n_raters : int
        Raters who read.
    knows_raters : bool
        Whether a name is the same person in every case.
    has_missing : bool
        Whether a rater did not rate some units.
    n_categories : int
        Declared categories; 0 for numbers.
    """

    scale: str
    n_raters: int
    knows_raters: bool
    has_missing: bool
    n_categories: int = 0

    @property
    def is_fixed(self) -> bool:
        """Whether the same raters rate every unit (statistics.md, G5)."""
        return self.knows_raters and not self.has_missing


@dataclass(frozen=True, slots=True)
class Panel:
    """The statistics of a question, in the order in which they are shown.

    Parameters
    ----------
    shown : tuple of str
        Entries of the catalogue.
    why : str
        One sentence: why these.
    """

    shown: tuple[str, ...]
    why: str


def panel_of(design: Design) -> Panel:
    """Return the panel that a question's scale and design call for (statistics.md, defaults on one page).

    Parameters
    ----------
    design : Design
        Scale and design of the readings.
    """
    if design.scale == NOMINAL:
        return _nominal(design)
    if design.scale == ORDINAL:
        return _ordinal(design)
    if design.scale in NUMERIC:
        return _numeric(design)
    if design.scale == SETS:
        return Panel(
            ("label_alpha", "label_agreement", "jaccard_alpha", "masi_alpha"),
            "Several labels may be right at once, so each label is judged by itself and the sets beside it.",
        )
    if design.scale == RANKS:
        return Panel(("ranking_tau", "ranking_w"), "Readers put options in order, so orders are compared.")
    return Panel((), "")


def _nominal(design: Design) -> Panel:
    beside = ("gwet_ac", "brennan_prediger", "specific_agreement", "prevalence")
    if not design.is_fixed:
        return Panel(
            ("percent", "krippendorff_alpha", "fleiss_kappa", *beside, "category_kappa"),
            "Readers change from case to case or some readings are missing, so readers are taken as exchangeable.",
        )
    if design.n_raters == 2:
        indices = ("two_by_two",) if design.n_categories == 2 else ()
        return Panel(
            ("percent", "cohen_kappa", "scott_pi", *beside, *indices),
            "The same two readers read every case, so each keeps his own habits in what counts as chance.",
        )
    return Panel(
        ("percent", "conger_kappa", "light_kappa", "krippendorff_alpha", *beside, "category_kappa"),
        "The same readers read every case, so each keeps his own habits in what counts as chance.",
    )


def _ordinal(design: Design) -> Panel:
    shares = ("percent", "within_one")
    beside = ("gwet_ac", "specific_agreement", "prevalence")
    if design.is_fixed and design.n_raters == 2:
        return Panel(
            (*shares, "weighted_kappa", *beside, "kendall_w"),
            "The levels are ordered and the same two readers read every case, so a near miss counts in part.",
        )
    concordance = ("kendall_w",) if design.knows_raters else ()
    return Panel(
        (*shares, "krippendorff_alpha", *beside, *concordance),
        "The levels are ordered and there are more than two readers, or not the same ones, so alpha on ranks is used.",
    )


def _numeric(design: Design) -> Panel:
    errors = ("repeatability",) + (("within_cv",) if design.scale == "ratio" else ())
    if not design.knows_raters:
        return Panel(
            ("icc_oneway", *errors, "krippendorff_alpha"),
            "Readers change from case to case, so a difference between readers cannot be told from error.",
        )
    pair = ("lin_ccc", "bland_altman") if design.n_raters == 2 else ("bland_altman",)
    return Panel(
        ("icc_agreement", "icc_consistency", *pair, *errors),
        "The same readers measure the cases, so systematic differences between them are seen and count as error.",
    )


def remarks(found: Mapping[str, Estimate]) -> tuple[str, ...]:
    """Return in words where the figures of one question part, and what a reader of them must know.

    Parameters
    ----------
    found : mapping from statistic (part behind a colon) to Estimate
        The figures of one question and population.
    """
    return tuple(dict.fromkeys([*_paradox(found), *_bias(found), *_shift(found), *_growing(found)]))


def _value(found: Mapping[str, Estimate], name: str) -> float | None:
    return found[name].value if name in found else None


def _parts(found: Mapping[str, Estimate], statistic: str) -> dict[str, Estimate]:
    return {parted(name)[1]: one for name, one in found.items() if parted(name)[0] == statistic}


def _kappa(found: Mapping[str, Estimate]) -> tuple[str, Estimate] | None:
    """Return the chance-corrected figure that leads, with its name for people."""
    names = {
        "cohen_kappa": "Cohen's kappa",
        "conger_kappa": "Conger's kappa",
        "krippendorff_alpha": "alpha",
        "fleiss_kappa": "Fleiss' kappa",
        "weighted_kappa": "weighted kappa",
    }
    return next(((words, found[name]) for name, words in names.items() if name in found), None)


def _paradox(found: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield the sentence on agreement and kappa apart (Feinstein & Cicchetti 1990)."""
    percent, kappa = _value(found, "percent"), _kappa(found)
    if percent is None or kappa is None:
        return
    name, estimate = kappa
    answer, share = _most_given(found)
    given = f"{100 * share:.0f} % of the answers are “{answer}”" if answer else "nearly all answers are the same"
    if estimate.value is None:
        yield f"{100 * percent:.0f} % of pairs agree, and {given}: nothing can be said beyond chance."
        return
    if percent < _HIGH_PERCENT or estimate.value >= _LOW_KAPPA or percent - estimate.value < _WIDE_GAP:
        return
    sentence = f"{100 * percent:.0f} % of pairs agree, yet {name} is {estimate.value:.2f}: "
    if answer and share < _DOMINANT:
        yield sentence + "chance alone would give much of that agreement."
        return
    sentence += f"{given}, so that chance alone would make readers agree."
    ac = _value(found, "gwet_ac")
    if ac is not None and ac - estimate.value >= _WIDE_GAP:
        sentence += f" Gwet's AC is {ac:.2f} because it takes chance for small where one answer dominates."
    yield sentence + _rare_answer(found)


def _most_given(found: Mapping[str, Estimate]) -> tuple[str, float]:
    """Return the commonest answer and its share; nothing and 0 where prevalence is unknown."""
    shares = {part: one.value or 0.0 for part, one in _parts(found, "prevalence").items()}
    answer = max(sorted(shares), key=lambda code: shares[code], default="")
    return answer, shares.get(answer, 0.0)


def _rare_answer(found: Mapping[str, Estimate]) -> str:
    """Return the sentence on the answer that readers share least."""
    parts = _parts(found, "specific_agreement")
    shares = {part: one.value for part, one in parts.items() if one.value is not None}
    if not shares:
        return ""
    least = min(sorted(shares), key=lambda code: shares[code])
    return f" Where one reader answers “{least}”, another does in {100 * shares[least]:.0f} %."


def _bias(found: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield the sentence on two readers who do not use an answer equally often (Byrt et al. 1993)."""
    bias = _value(found, named("two_by_two", "bias_index"))
    if bias is None or abs(bias) < _BIASED:
        return
    greatest = _value(found, named("two_by_two", "kappa_max"))
    reach = "" if greatest is None else f"; with these habits kappa could be at most {greatest:.2f}"
    more, less = ("first", "second") if bias > 0 else ("second", "first")
    yield (
        f"The {more} reader gives the first answer to {100 * abs(bias):.0f} % more of the cases than the {less}: they "
        f"differ in habit and not only case by case{reach}."
    )


def _shift(found: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield the sentence on readers who order cases alike at different levels."""
    agreement = _value(found, named("icc_agreement", "single"))
    consistency = _value(found, named("icc_consistency", "single"))
    if agreement is not None and consistency is not None and consistency - agreement >= _SHIFTED:
        yield (
            f"Readers rank the cases alike (consistency {consistency:.2f}) but measure at different levels (absolute "
            f"agreement {agreement:.2f}): one measures systematically more than another."
        )


def _growing(found: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield the sentence on differences that grow with what is measured (Bland & Altman 1999)."""
    bias = found.get(named("bland_altman", "bias"))
    if bias is not None and DIFFERENCE_GROWS in bias.warnings:
        yield (
            "The readers' differences change with the size of what is measured: limits as a ratio fit better "
            "than limits as a difference."
        )


def band_of(statistic: str, estimate: Estimate) -> str:
    """Return the verbal band that a coefficient reaches with 95 % certainty, with its source; "" where there is none.

    Words are optional and off by default: they are conventions, and no two papers agree on them.

    Parameters
    ----------
    statistic : str
        Entry of the catalogue, with its part.
    estimate : Estimate
        The coefficient with its standard error.
    """
    bands = _BANDS.get(parted(statistic)[0])
    if bands is None or estimate.value is None or not estimate.standard_error:
        return ""
    found = reached(estimate.value, estimate.standard_error, bands)
    return f"{found.name} ({bands.reference}), with {100 * min(found.cumulative, 1.0):.0f} % certainty"


_BANDS: Mapping[str, Bands] = {
    **dict.fromkeys(
        ("cohen_kappa", "weighted_kappa", "conger_kappa", "light_kappa", "fleiss_kappa", "scott_pi", "gwet_ac"),
        LANDIS_KOCH,
    ),
    **dict.fromkeys(("krippendorff_alpha", "label_alpha", "jaccard_alpha", "masi_alpha"), KRIPPENDORFF),
    **dict.fromkeys(("icc_oneway", "icc_agreement", "icc_consistency"), KOO_LI),
}
