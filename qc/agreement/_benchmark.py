"""Verbal bands with probability: the highest band that a coefficient reaches with 95 % certainty, never by its value.

References
----------
Gwet KL. Handbook of Inter-Rater Reliability, 4th edition, 2014, chapter 6. ISBN 978-0-9708062-8-4
"""

from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Bands:
    """Names for ranges of a coefficient.

    Parameters
    ----------
    reference : str
        Author, year and DOI.
    names : tuple of str
        From the highest to the lowest.
    lower : tuple of float
        Where each band begins; the last begins at −1.
    """

    reference: str
    names: tuple[str, ...]
    lower: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """How sure it is that a coefficient lies in a band.

    Parameters
    ----------
    name : str
        The band.
    low, high : float
        Its ends.
    probability : float
        That the coefficient lies in this band.
    cumulative : float
        That it lies in this band or a higher one.
    """

    name: str
    low: float
    high: float
    probability: float
    cumulative: float


LANDIS_KOCH = Bands(
    "Landis & Koch 1977, doi:10.2307/2529310",
    ("almost perfect", "substantial", "moderate", "fair", "slight", "poor"),
    (0.8, 0.6, 0.4, 0.2, 0.0, -1.0),
)
ALTMAN = Bands(
    "Altman 1991, ISBN 978-0-412-27630-9", ("very good", "good", "moderate", "fair", "poor"), (0.8, 0.6, 0.4, 0.2, -1.0)
)
FLEISS = Bands("Fleiss 1981, ISBN 978-0-471-06428-2", ("excellent", "fair to good", "poor"), (0.75, 0.4, -1.0))
# For intraclass correlations.
KOO_LI = Bands(
    "Koo & Li 2016, doi:10.1016/j.jcm.2016.02.012", ("excellent", "good", "moderate", "poor"), (0.9, 0.75, 0.5, -1.0)
)
# For Krippendorff's alpha.
KRIPPENDORFF = Bands(
    "Krippendorff 2004, ISBN 978-0-7619-1545-4",
    ("reliable", "tentative conclusions only", "not reliable"),
    (0.8, 0.667, -1.0),
)


def memberships(value: float, error: float, bands: Bands) -> tuple[Membership, ...]:
    """Return each band with its probability, from the highest to the lowest.

    The coefficient is taken as normal with this mean and standard error, cut off at −1 and 1.

    Parameters
    ----------
    value : float
        The coefficient, between −1 and 1.
    error : float
        Its standard error, above 0.
    bands : Bands
        The scale of words.
    """
    if error <= 0:
        raise ValueError("A probability of bands needs a standard error above 0.")

    def below(end: float) -> float:
        return _NORMAL.cdf((end - value) / error)

    least, most = below(-1.0), below(1.0)
    highs = (1.0, *bands.lower[:-1])
    found, cumulative = [], 0.0
    for name, low, high in zip(bands.names, bands.lower, highs, strict=True):
        share = (below(high) - below(low)) / (most - least)
        cumulative += share
        found.append(Membership(name, low, high, share, cumulative))
    return tuple(found)


def reached(value: float, error: float, bands: Bands, certainty: float = 0.95) -> Membership:
    """Return the highest band that the coefficient reaches with the certainty wanted.

    Parameters
    ----------
    value, error : float
        The coefficient and its standard error.
    bands : Bands
        The scale of words.
    certainty : float
        Least cumulative probability.
    """
    found = memberships(value, error, bands)
    return next((band for band in found if band.cumulative >= certainty), found[-1])
