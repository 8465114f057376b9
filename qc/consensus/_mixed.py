"""Units and readers as crossed random effects, by restricted maximum likelihood, missing cells allowed."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from qc.readings.base import AnyArray, BoolArray, FloatArray

_LARGEST_RATIO = 1e3


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """y_ij = mean + unit_i + reader_j + error_ij, fitted.

    Parameters
    ----------
    mean : float
        Generalised least squares mean.
    units, readers : float64 array
        Best linear unbiased predictions, as differences from the mean.
    units_se : float64 array
        Standard error of prediction of mean + unit, given the variances.
    var_unit, var_reader, var_error : float
        Variance components, 0 or more.
    iterations : int
    converged : bool
    """

    mean: float
    units: FloatArray
    readers: FloatArray
    units_se: FloatArray
    var_unit: float
    var_reader: float
    var_error: float
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    values: FloatArray
    seen: FloatArray

    @property
    def n(self) -> int:
        return int(self.seen.sum())


def crossed(values: FloatArray, is_seen: BoolArray) -> Mixed:
    """Fit the model.

    Parameters
    ----------
    values : float64 array (units, readers)
        Numbers; what stands where ``is_seen`` is False is not looked at.
    is_seen : bool array (units, readers)
        At least two cells in each direction in all.

    References
    ----------
    Henderson CR. Best linear unbiased estimation and prediction under a selection model. Biometrics 31:423-447, 1975.
    doi:10.2307/2529430. Bates D, Maechler M, Bolker B, Walker S. Fitting linear mixed-effects models using lme4.
    J Stat Softw 67(1), 2015. doi:10.18637/jss.v067.i01 (the profiled criterion).
    """
    # Centred and scaled, so that neither the unit nor an offset can hurt the digits.
    seen = is_seen.astype(np.float64)
    centre = float(values[is_seen].mean())
    scale = float(values[is_seen].std())
    scale = scale if scale > 0 else 1.0
    data = _Data(np.where(is_seen, (np.where(is_seen, values, centre) - centre) / scale, 0.0), seen)
    best = min((_searched(data, first) for first in ((1.0, 1.0), (0.1, 3.0), (3.0, 0.1))), key=lambda found: found[1])
    ratios, _, steps, is_converged = best
    solution, covariance, residual = _solved(data, ratios)
    n_units = values.shape[0]
    error = residual / (data.n - 1)
    units = ratios[0] * solution[1 : 1 + n_units]
    readers = ratios[1] * solution[1 + n_units :]
    spread = np.sqrt(np.maximum(0.0, error * covariance)) * scale
    return Mixed(
        mean=centre + scale * float(solution[0]),
        units=scale * units,
        readers=scale * readers,
        units_se=spread,
        var_unit=float(error * ratios[0] ** 2 * scale**2),
        var_reader=float(error * ratios[1] ** 2 * scale**2),
        var_error=float(error * scale**2),
        iterations=steps,
        converged=is_converged,
    )


def _searched(data: _Data, first: tuple[float, float]) -> tuple[AnyArray, float, int, bool]:
    bounds = [(0.0, _LARGEST_RATIO)] * 2
    options = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500}
    found = minimize(
        lambda ratios: _criterion(data, ratios), np.array(first), method="L-BFGS-B", bounds=bounds, options=options
    )
    return found.x, float(found.fun), int(found.nit), bool(found.success)


def _criterion(data: _Data, ratios: AnyArray) -> float:
    """Return −2 log restricted likelihood, profiled over mean and error variance, up to a constant."""
    schur, diagonal, right, total = _reduced(data, ratios)
    sign, log_determinant = np.linalg.slogdet(schur)
    residual = total - float(right @ np.linalg.solve(schur, right))
    # Exactly explained data have no error left; the floor keeps the logarithm finite.
    residual = max(residual, 1e-300)
    return float((data.n - 1) * np.log(residual / (data.n - 1)) + np.log(diagonal).sum() + sign * log_determinant)


def _reduced(data: _Data, ratios: AnyArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Return the equations of mean and readers after the units are eliminated, with what is left of y'y."""
    unit, reader = float(ratios[0]), float(ratios[1])
    seen, values = data.seen, data.values
    diagonal = unit**2 * seen.sum(axis=1) + 1.0
    # Columns: the mean, then the readers; rows: units.
    cross = unit * np.column_stack([seen.sum(axis=1), reader * seen])
    own = unit * values.sum(axis=1)
    per_reader = reader * seen.sum(axis=0)
    corner = np.zeros((1 + seen.shape[1],) * 2)
    corner[0, 0] = seen.sum()
    corner[0, 1:] = corner[1:, 0] = per_reader
    corner[np.arange(1, len(corner)), np.arange(1, len(corner))] = reader * per_reader + 1.0
    schur = corner - cross.T @ (cross / diagonal[:, None])
    right = np.concatenate([[values.sum()], reader * values.sum(axis=0)]) - cross.T @ (own / diagonal)
    return schur, diagonal, right, float((values**2).sum() - (own**2 / diagonal).sum())


def _solved(data: _Data, ratios: AnyArray) -> tuple[FloatArray, FloatArray, float]:
    """Return the solution (mean, units, readers), the scaled variances of mean + unit, and the residual."""
    schur, diagonal, right, total = _reduced(data, ratios)
    unit, reader = float(ratios[0]), float(ratios[1])
    inverse = np.linalg.inv(schur)
    head = inverse @ right
    cross = unit * np.column_stack([data.seen.sum(axis=1), reader * data.seen]) / diagonal[:, None]
    units = unit * data.values.sum(axis=1) / diagonal - cross @ head
    # Variance of mean + unit·u: [1, unit] times the block of the inverse that belongs to both.
    with_mean = -(cross @ inverse[:, 0])
    own = 1.0 / diagonal + np.einsum("ij,jk,ik->i", cross, inverse, cross)
    variance = inverse[0, 0] + 2 * unit * with_mean + unit**2 * own
    solution = np.concatenate([head[:1], units, head[1:]])
    return solution, variance, total - float(right @ head)
