"""The sentences about a workload in reports: its notice, its method, and the limits of its method."""

from worker.workloads.sample.thresholds import (
    BRIGHTNESS_RISE,
    CERTAIN,
    LARGEST_WINDOW,
    NDVI_FALL,
    PIXEL_HA,
    PIXEL_METRES,
    SMALLEST_PATCH_PIXELS,
    SMALLEST_WINDOW,
)

_SMALLEST_HA = SMALLEST_PATCH_PIXELS * PIXEL_HA
_NOTICE = "Sample imagery: one real Sentinel-2 scene with clearings drawn in. Nothing was observed in these regions."
_METHOD = (
    f"A clearing is where NDVI falls by {NDVI_FALL:g} or more and the visible bands turn brighter by "
    f"{BRIGHTNESS_RISE:g} or more in one week, in patches of {_SMALLEST_HA:g} ha or more.",
    f"Confidence is the share of a patch in which both changed by at least {CERTAIN:g} times that; "
    "it is not a probability.",
)
_LIMITS = (
    f"Not detected: patches below {_SMALLEST_HA:g} ha, gradual change, land that was not green before, and whatever is "
    f"outside of the images, {SMALLEST_WINDOW * PIXEL_METRES / 1000:g} to {LARGEST_WINDOW * PIXEL_METRES / 1000:g} km "
    f"wide around the centre of a region, at {PIXEL_METRES} m a pixel.",
    "Clouds are not masked: a cloud hides a clearing or looks like one. A harvest, a fire or a drought looks like one.",
)


def notice(workload: str) -> str | None:
    """Return the notice for the reports of a workload, or None if it has none."""
    return _NOTICE if workload == "sample" else None


def locates(workload: str) -> bool:
    """Return true if a workload reports where each clearing is; a program's results have the areas of regions only."""
    return workload == "sample"


def method(workload: str) -> tuple[str, ...]:
    """Return what a workload reports as a clearing; empty for a program, which describes its own method."""
    return _METHOD if workload == "sample" else ()


def limits(workload: str) -> tuple[str, ...]:
    """Return what the method of a workload cannot detect; empty for a program."""
    return _LIMITS if workload == "sample" else ()
