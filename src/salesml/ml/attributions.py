"""Exact splits of a prediction into contributions of its parts, vectorised over clients.

A split is a pair (base, contributions): the base is a number, contributions have the shape
(rows, features), and the base plus a row's sum is the prediction of that row.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Split = tuple[float, Matrix]
_SMALL, _STEP = 1e-7, 1e-4


def through(score: Split, value: Callable[[Matrix], Matrix]) -> Split:
    """From a split of the score to one of `value(score)`, a strictly growing function.

    Every contribution is multiplied by the same (f - f0) / (s - s0), the logarithmic mean where the
    function is the exponential (logarithmic mean Divisia index; Ang, Energy Policy 32, 2004).
    """
    base, parts = score
    move = parts.sum(axis=1)
    start = float(value(np.array([base]))[0])
    change = value(base + move) - start
    # Where the parts cancel out, both differences are rounding: the slope is their ratio there.
    small = np.abs(move) <= _SMALL * (1.0 + np.abs(parts).sum(axis=1))
    slope = (value(base + move + _STEP) - value(base + move - _STEP)) / (2 * _STEP)
    ratio = np.where(small, slope, change / np.where(small, 1.0, move))
    return start, parts * ratio[:, None]


def product(first: Split, second: Split) -> Split:
    """The split of a product of two factors: the Shapley value of two players, each shared onwards."""
    (one, ones), (two, twos) = first, second
    to_one, to_two = one + ones.sum(axis=1), two + twos.sum(axis=1)
    return one * two, ones * ((to_two + two) / 2)[:, None] + twos * ((to_one + one) / 2)[:, None]


def weighted(splits: Sequence[Split], weights: Sequence[float], intercept: float = 0.0) -> Split:
    """The split of a weighted sum."""
    base = intercept + sum(weight * base for weight, (base, _) in zip(weights, splits, strict=True))
    parts = np.zeros_like(splits[0][1])
    for weight, (_, each) in zip(weights, splits, strict=True):
        parts += weight * each
    return base, parts


def shapley(value: Callable[[Matrix], Matrix], inputs: Matrix, reference: Matrix) -> Split:
    """Exact Shapley values of a function of few inputs, against one reference client.

    `value` maps (rows, inputs) to (rows,), `inputs` has shape (rows, inputs), `reference` (inputs,).
    All 2^inputs mixtures of client and reference are evaluated (Shapley 1953).
    """
    count = inputs.shape[1]
    worth: dict[frozenset[int], Matrix] = {}
    for size in range(count + 1):
        for members in combinations(range(count), size):
            mixed = np.broadcast_to(reference, inputs.shape).copy()
            mixed[:, list(members)] = inputs[:, list(members)]
            worth[frozenset(members)] = value(mixed)
    parts = np.zeros_like(inputs)
    for member in range(count):
        others = [each for each in range(count) if each != member]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for group in combinations(others, size):
                without = frozenset(group)
                parts[:, member] += weight * (worth[without | {member}] - worth[without])
    base = float(value(reference[None, :])[0])
    return base, parts
