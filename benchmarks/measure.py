"""Timing two ways of doing something in turn, so that a noisy machine disturbs both alike."""

import time
from collections.abc import Callable
from statistics import median


def interleaved(
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """Median seconds of each over the rounds, ours and the yardstick in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for taken, work in zip(times, (ours, yardstick), strict=True):
            start = clock()
            work()
            taken.append(clock() - start)
    return median(times[0]), median(times[1])


def show(what: str, ours: float, yardstick: str, theirs: float) -> None:
    """One line: our seconds, the yardstick's, and how many times as long we take."""
    print(f"{what}: {ours:.2f} s; {yardstick}: {theirs:.2f} s; ratio {ours / theirs:.2f}")
