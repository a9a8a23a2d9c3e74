"""The time limits, retries and success criteria of a run."""

from enum import StrEnum

from pydantic import Field

from components.settings.base import SettingsModel


class PartialFailure(StrEnum):
    """The end of an execution in which some regions failed; the message is the same for both."""

    SUCCEED = "succeed"
    FAIL = "fail"


class Overlap(StrEnum):
    """The behaviour of a run while another run of the pipeline is active."""

    SKIP = "skip"
    WAIT = "wait"
    ALLOW = "allow"


class Run(SettingsModel):
    """The limits of one run, in seconds."""

    timeout_seconds: int = Field(default=43200, ge=600, le=604800)
    """The timeout of the whole execution; it must be longer than all attempts of every worker together."""
    task_timeout_seconds: int = Field(default=7200, ge=60, le=86400)
    """The timeout of one attempt of one worker."""
    heartbeat_seconds: int = Field(default=600, ge=60, le=3600)
    """A worker without progress for this long counts as lost; the time includes the start of the container."""
    validation_timeout_seconds: int = Field(default=600, ge=120, le=1800)
    """The timeout of the validation before the work; it includes the start of the container."""
    start_retries: int = Field(default=2, ge=0, le=10)
    """The retries of a worker that could not be started."""
    worker_retries: int = Field(default=2, ge=0, le=5)
    """The retries of a worker that stopped, stalled or ran out of memory; they run on demand, one size up."""
    overlap: Overlap = Overlap.SKIP
    """While another run is active: skip ends at once, wait waits until that run ends, allow runs in parallel."""
    overlap_wait_seconds: int = Field(default=3600, ge=60, le=86400)
    """With overlap: wait, a run fails after waiting this long."""
    on_partial_failure: PartialFailure = PartialFailure.SUCCEED
    """succeed delivers partial results with a warning; fail ends the execution as FAILED, which sets off the alarm."""
    min_succeeded_regions: int = Field(default=1, ge=1)
    """With onPartialFailure: succeed, a run with fewer succeeded regions still fails."""
