"""Measures the memory that process groups occupy."""

import os
from collections import defaultdict
from collections.abc import Mapping, Set

import psutil

_MIB = 1024 * 1024


def resident_mib(groups: Set[int]) -> Mapping[int, float]:
    """Return the resident memory of each process group that has any."""
    sizes: dict[int, float] = defaultdict(float)
    for pid in psutil.pids():
        try:
            group = os.getpgid(pid)
            if group in groups:
                sizes[group] += psutil.Process(pid).memory_info().rss / _MIB
        except (ProcessLookupError, psutil.Error):
            continue
    return sizes
