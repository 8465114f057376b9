"""Run inside an environment of irrCAC's own: coefficients and seconds of a saved rating matrix, as one JSON line.

irrCAC 0.4.4 pins SciPy 1.12, which the product cannot live with: ``benchmarks/agreement.py --irrcac PYTHON``.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
from irrCAC.raw import CAC


def main() -> None:
    ratings = pd.DataFrame(np.load(sys.argv[1]))
    start = time.perf_counter()
    table = CAC(ratings)
    found = [
        table.fleiss()["est"]["coefficient_value"],
        table.krippendorff()["est"]["coefficient_value"],
        table.gwet()["est"]["coefficient_value"],
    ]
    print(json.dumps({"found": [float(value) for value in found], "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
