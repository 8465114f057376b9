"""Simulated readers whose errors are known."""

import numpy as np

from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale


def scale_of(n_codes: int, kind: str = "nominal") -> Scale:
    return Scale(kind, tuple(str(code) for code in range(n_codes)))


def names(n_readers: int) -> list[str]:
    return [f"r{place}" for place in range(n_readers)]


def simulated(confusion, prevalence, n_units: int, seed: int):
    """Return ratings (units, readers) and the truth (units,) for confusion (readers, true, said)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    cube = np.asarray(confusion)
    truth = generator.choice(len(prevalence), size=n_units, p=prevalence)
    edges = cube.cumsum(axis=2)[:, truth, :].transpose(1, 0, 2)
    ratings = (generator.random((n_units, len(cube), 1)) > edges).sum(axis=2)
    return ratings, truth


def even(skills, n_codes: int):
    """Return confusion (readers, true, said) of readers who err evenly."""
    eye = np.eye(n_codes)
    return np.stack([skill * eye + (1 - skill) / (n_codes - 1) * (1 - eye) for skill in skills])


def uneven(generator, n_readers: int, n_codes: int):
    """Return confusion of readers who are right about each class in 55 to 95 %, with errors of any shape."""
    cube = np.empty((n_readers, n_codes, n_codes))
    for matrix in cube:
        for true in range(n_codes):
            right = generator.uniform(0.55, 0.95)
            matrix[true] = np.insert(generator.dirichlet(np.ones(n_codes - 1)) * (1 - right), true, right)
    return cube


def table_of(ratings, n_codes: int, clusters=None, kind: str = "nominal") -> PatternTable:
    matrix = np.asarray(ratings)
    return PatternTable.from_codes(
        matrix, raters=names(matrix.shape[1]), scale=scale_of(n_codes, kind), clusters=clusters
    )


def per_unit(table: PatternTable, values, ratings):
    """Return a row of ``values`` (patterns, …) for each unit."""
    place = {tuple(pattern): row for row, pattern in enumerate(table.patterns.tolist())}
    return values[[place[tuple(row)] for row in np.asarray(ratings).tolist()]]
