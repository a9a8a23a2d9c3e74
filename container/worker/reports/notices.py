"""What a reader has to know before anything else, by the workload that made a report."""

_SAMPLE = "Sample imagery: one real Sentinel-2 scene with clearings drawn in. Nothing was observed in these regions."


def notice(workload: str) -> str | None:
    """Return the notice at the top of the pages that a workload makes, or nothing where there is none to give."""
    return _SAMPLE if workload == "sample" else None
