"""The table at the end of a soak."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.faults.invariants import Kind
from tests.soak.soak import Result


def table(results: Sequence[Result], *, first_mib: float, last_mib: float) -> str:
    """Return the table: runs, faults, redos, violations by kind, and the memory of the local AWS."""
    return "\n".join(_lines(results, first_mib, last_mib))


def _lines(results: Sequence[Result], first_mib: float, last_mib: float) -> Iterator[str]:
    faults = Counter(fault for result in results for fault in result.drawn.faults)
    ends = Counter(status for result in results for status in result.statuses)
    yield f"runs        {len(results):4}"
    yield f"executions  {ends.total():4}"
    yield from (f"  {name:28} {number:4}" for name, number in sorted(ends.items()))
    yield f"faults      {faults.total():4}"
    yield from (f"  {name:28} {number:4}" for name, number in sorted(faults.items()))
    yield f"redos       {sum(result.redos for result in results):4}"
    yield from (f"{kind:11} {sum(result.count(kind) for result in results):4}" for kind in Kind)
    yield f"seconds     {sum(result.seconds for result in results):4.0f}"
    grown = (last_mib - first_mib) / max(1, len(results))
    yield (
        f"memory of the local AWS: {first_mib:.0f} MiB at the start, {last_mib:.0f} MiB at the end, "
        f"{grown:.2f} MiB more each run"
    )
