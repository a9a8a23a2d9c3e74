"""The notices at the top of reports, by workload."""

_SAMPLE = "Sample imagery: one real Sentinel-2 scene with clearings drawn in. Nothing was observed in these regions."


def notice(workload: str) -> str | None:
    """Return the notice for the reports of a workload, or None if it has none."""
    return _SAMPLE if workload == "sample" else None
