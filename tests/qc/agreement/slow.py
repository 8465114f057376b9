"""Coefficients written a second time, unit by unit and pair by pair, as the papers state them."""

from fractions import Fraction
from itertools import combinations, permutations


def units_of(table):
    """Return the ratings of each unit as lists of category indices, missing ones left out."""
    return [
        [int(code) for code in pattern if code >= 0]
        for pattern, count in zip(table.patterns, table.counts, strict=True)
        for _ in range(int(count))
    ]


def percent(units):
    shares = []
    for unit in units:
        pairs = list(combinations(unit, 2))
        if pairs:
            shares.append(Fraction(sum(a == b for a, b in pairs), len(pairs)))
    return sum(shares) / len(shares) if shares else None


def fleiss(units, categories):
    agreement = percent(units)
    rated = [unit for unit in units if unit]
    prevalence = [sum(Fraction(unit.count(k), len(unit)) for unit in rated) / len(rated) for k in range(categories)]
    chance = sum(share**2 for share in prevalence)
    return None if agreement is None or chance == 1 else (agreement - chance) / (1 - chance)


def ac1(units, categories):
    agreement = percent(units)
    rated = [unit for unit in units if unit]
    prevalence = [sum(Fraction(unit.count(k), len(unit)) for unit in rated) / len(rated) for k in range(categories)]
    chance = sum(share * (1 - share) for share in prevalence) / (categories - 1)
    return None if agreement is None else (agreement - chance) / (1 - chance)


def cohen(pairs, categories):
    n = len(pairs)
    agreement = Fraction(sum(a == b for a, b in pairs), n)
    chance = sum(
        Fraction(sum(a == k for a, _ in pairs) * sum(b == k for _, b in pairs), n * n) for k in range(categories)
    )
    return None if chance == 1 else (agreement - chance) / (1 - chance)


def alpha(units, kind, values):
    pairable = [unit for unit in units if len(unit) > 1]
    everything = [code for unit in pairable for code in unit]
    n = len(everything)

    def distance(c, k):
        if kind == "nominal":
            return Fraction(int(c != k))
        if kind == "ordinal":
            low, high = min(c, k), max(c, k)
            between = sum(everything.count(g) for g in range(low, high + 1))
            return (between - Fraction(everything.count(c) + everything.count(k), 2)) ** 2
        if kind == "interval":
            return Fraction(values[c] - values[k]) ** 2
        total = values[c] + values[k]
        return Fraction(values[c] - values[k], total) ** 2 if total else Fraction(0)

    table = {(c, k): distance(c, k) for c in set(everything) for k in set(everything)}
    observed = sum(
        sum((table[c, k] for c, k in permutations(unit, 2)), Fraction(0)) / (len(unit) - 1) for unit in pairable
    )
    expected = sum(table[c, k] for c in everything for k in everything)
    return None if not expected else 1 - (n - 1) * observed / expected
