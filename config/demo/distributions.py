"""Data files inside installed distributions, found without importing a line of their code."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


class DataMissing(FileNotFoundError):
    """A distribution, or the file in it that the demo reads, is not installed."""


def data_file(name: str, relative: str) -> Path:
    """Return the path of a file that an installed distribution brought.

    Parameters
    ----------
    name : str
        Name of the distribution on PyPI.
    relative : str
        The file's path as the wheel has it, with forward slashes.

    Returns
    -------
    Path

    Raises
    ------
    DataMissing
        With the command that mends it.
    """
    mend = "run: python -m pip install --no-deps -r requirements-demo.txt"
    try:
        path = Path(str(distribution(name).locate_file(relative)))
    except PackageNotFoundError as error:
        raise DataMissing(f"The package {name} is not installed; {mend}") from error
    if not path.is_file():
        raise DataMissing(f"The package {name} is installed without {relative}; {mend} --force-reinstall")
    return path
