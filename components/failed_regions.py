"""The regions that failed, with the reasons, as people read them: in messages, and as the cause of an execution."""

MAX_CHARACTERS = 8_000


def failed_regions(failures: str) -> str:
    """Return JSONata for a line a reason, with each region that failed for it; `failures` is JSONata too.

    Those of a worker that was lost have all the same. There are as many lines as fit.
    """
    return (
        f"($failed := [{failures}];"
        " $reasons := [$distinct($failed.error)];"
        " $line := function($reason)"
        " { '- ' & $join($failed[error = $reason].region, ', ') & ': ' & $reason };"
        " $told := [$filter($reasons, function($reason, $place)"
        f" {{ $length($join($map($reasons[[0..$place]], $line), '\\n')) <= {MAX_CHARACTERS} }})];"
        " $untold := $count($failed[$not(error in $told)]);"
        " $join([$map($told, $line),"
        " $untold > 0 ? '- and ' & $string($untold) & ' more: see summary.json'], '\\n'))"
    )
