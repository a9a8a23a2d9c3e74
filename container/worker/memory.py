"""The peak memory of this process and its children, and the kernel's kills for lack of memory."""

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")
# The files of a container's own control group, in version 2 and version 1.
# Sources: https://docs.kernel.org/admin-guide/cgroup-v2.html, memory.events; cgroup-v1/memory.html, memory.oom_control.
_KILLS = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
_PEAKS = (Path("/sys/fs/cgroup/memory.peak"), Path("/sys/fs/cgroup/memory/memory.max_usage_in_bytes"))
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
# The kernel kills when a process requests one page too many, so the peak may be slightly below the limit.
_FULL = 0.98
_MIB = 1024**2


def peak_memory_mib() -> int:
    """Return the peak memory of this process plus the peak of its largest child."""
    if _STATUS.exists():
        # Not getrusage, in which a process starts with the peak of the process that forked it.
        [line] = [line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
        return (int(line.split()[1]) + _of_children()) // 1024
    # macOS, where the unit is bytes.
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + _of_children()) // 1024**2


def _of_children() -> int:
    """Return the peak of the largest child that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


class MemoryWatch:
    """A check for lack of memory since the object was created, by the kernel's counters; as text, the counters."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        self._kills_before = self._kills()

    def was_short(self) -> bool:
        """Return true if the kernel has killed for memory since; if it does not count kills, if memory is full."""
        kills = self._kills()
        if kills is not None and self._kills_before is not None:
            return kills > self._kills_before
        peak, limit = self._first_number(_PEAKS), self._first_number(_LIMITS)
        return peak is not None and limit is not None and peak >= _FULL * limit

    def __str__(self) -> str:
        kills, peak, limit = self._kills(), self._first_number(_PEAKS), self._first_number(_LIMITS)
        said = []
        if kills is not None and self._kills_before is not None:
            said.append(f"the kernel counts {kills - self._kills_before} kills for it")
        if peak is not None:
            of = f" of {limit // _MIB:,}" if limit is not None and limit < 2**60 else ""
            said.append(f"at most {peak // _MIB:,}{of} MiB were in use")
        return ", ".join(said) or "the kernel has no counters of it"

    def _kills(self) -> int | None:
        for path in _KILLS:
            fields = dict(line.split(maxsplit=1) for line in self._text(path).splitlines() if " " in line)
            if fields.get("oom_kill", "").isdigit():
                return int(fields["oom_kill"])
        return None

    def _first_number(self, paths: tuple[Path, ...]) -> int | None:
        return next((int(text) for path in paths if (text := self._text(path).strip()).isdigit()), None)

    def _text(self, path: Path) -> str:
        try:
            return (self._root / path.relative_to("/")).read_text()
        except OSError:
            return ""
