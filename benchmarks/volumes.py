"""Masks and label maps for benchmarks, made from a seed: organs, noise and neighbouring structures."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Shape = tuple[int, int, int]
SEED = 20261125


def organ_masks(shape: Shape, n_readers: int = 5) -> dict[str, Mask]:
    """Return outlines of one ellipsoid that differ in place, size and along a wavy border."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    grid = np.meshgrid(*(np.linspace(-1, 1, length) for length in shape), indexing="ij", sparse=True)
    masks = {}
    for number in range(n_readers):
        shift, size = generator.normal(0, 0.02, 3), 0.35 * generator.normal(1, 0.04)
        radius = sum(((axis - move) / size) ** 2 for axis, move in zip(grid, shift, strict=True))
        phase = generator.uniform(0, 6.28, 3)
        waves = sum(np.sin(14 * axis + turn) for axis, turn in zip(grid, phase, strict=True))
        masks[f"reader {number:02}"] = radius < 1 + 0.05 * waves
    return masks


def noise_masks(shape: Shape) -> dict[str, Mask]:
    """Return five readers who flip a fifth of a random truth: nothing in one voxel tells of the next."""
    generator = np.random.Generator(np.random.PCG64(SEED))
    truth = generator.random(shape, dtype=np.float32) < 0.3
    return {f"reader {n:02}": truth ^ (generator.random(shape, dtype=np.float32) < 0.2) for n in range(5)}


def label_maps(shape: Shape) -> dict[str, NDArray[np.uint8]]:
    """Return five readers' maps of four nested and neighbouring structures."""
    parts = organ_masks(shape)
    generator = np.random.Generator(np.random.PCG64(SEED + 1))
    maps = {}
    for name, mask in parts.items():
        labels = mask.astype(np.uint8)
        middle = shape[2] // 2 + int(generator.integers(-3, 4))
        labels[..., middle:] *= 2
        low = shape[1] // 2 + int(generator.integers(-3, 4))
        labels[:, low:] *= 2
        maps[name] = labels
    return maps
