"""The memory that sessions use."""

import os
from collections import defaultdict
from collections.abc import Mapping, Set

import psutil

_MIB = 1024 * 1024


def resident_mib(sessions: Set[int]) -> Mapping[int, float]:
    """Return the resident memory, in MiB, of each session that has processes."""
    sizes: dict[int, float] = defaultdict(float)
    for pid in psutil.pids():
        try:
            session = os.getsid(pid)
            if session in sessions:
                sizes[session] += psutil.Process(pid).memory_info().rss / _MIB
        except (ProcessLookupError, psutil.Error):
            continue
    return sizes
