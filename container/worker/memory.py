"""How much memory this process and those that it started have needed."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_memory_mib() -> int:
    """Return the most memory that the process has held at once, and the largest of those that it started."""
    if _STATUS.exists():
        # Not getrusage: there, a process begins with the peak of the one that it was forked from.
        [line] = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
        return (int(line.split()[1]) + _of_children()) // 1024
    # macOS, which counts in bytes.
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + _of_children()) // 1024**2


def _of_children() -> int:
    """Return the most that one of those that have ended has held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
