"""The table of a soak."""

from tests.faults.invariants import Kind, Violation
from tests.soak.draw import Drawn
from tests.soak.soak import Result
from tests.soak.table import table


def test_the_table_counts_runs_faults_redos_and_violations() -> None:
    good = Result(Drawn(7, 0, ("s3-slow", "stop")), "2027-W01", ["ABORTED", "SUCCEEDED succeeded"], redos=1)
    bad = Result(
        Drawn(7, 1, ("s3-slow",)), "2027-W03", ["SUCCEEDED partial"], violations=[Violation(Kind.STALE, "x")]
    )
    lines = table([good, bad], first_mib=300, last_mib=310).splitlines()
    counts = dict(line.rsplit(maxsplit=1) for line in lines[:-1])
    assert counts == {
        "runs": "2",
        "executions": "3",
        "  ABORTED": "1",
        "  SUCCEEDED partial": "1",
        "  SUCCEEDED succeeded": "1",
        "faults": "3",
        "  s3-slow": "2",
        "  stop": "1",
        "redos": "1",
        "lost": "0",
        "doubled": "0",
        "orphans": "0",
        "silent": "0",
        "untrue": "0",
        "stale": "1",
        "seconds": "0",
    }
    assert lines[-1] == (
        "memory of the local AWS: 300 MiB at the start, 310 MiB at the end, 5.00 MiB more each run"
    )
