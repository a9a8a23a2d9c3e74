"""How long a run may take, how often it tries, and what counts as success."""

from enum import StrEnum

from pydantic import Field

from components.settings.base import SettingsModel


class PartialFailure(StrEnum):
    """How an execution ends when some regions failed; the message is the same."""

    SUCCEED = "succeed"
    FAIL = "fail"


class Overlap(StrEnum):
    """What a run does while another one of the pipeline works."""

    SKIP = "skip"
    WAIT = "wait"
    ALLOW = "allow"


class Run(SettingsModel):
    """The bounds of one run, in seconds."""

    timeout_seconds: int = Field(default=43200, ge=600, le=604800)
    """The whole execution ends here, whatever it does; it must hold every attempt of every worker."""
    task_timeout_seconds: int = Field(default=7200, ge=60, le=86400)
    """One attempt of one worker ends here."""
    heartbeat_seconds: int = Field(default=600, ge=60, le=3600)
    """A worker without progress for this long is given up; it includes the start of the container."""
    validation_timeout_seconds: int = Field(default=600, ge=120, le=1800)
    """The check before the work ends here; it includes the start of the container."""
    start_retries: int = Field(default=2, ge=0, le=10)
    """How often a worker that could not be started is tried again."""
    worker_retries: int = Field(default=2, ge=0, le=5)
    """How often a worker that stopped, stalled or ran out of memory is tried again, one size up and on demand."""
    overlap: Overlap = Overlap.SKIP
    """While another run works: skip ends at once, wait waits for its end, allow works beside it."""
    overlap_wait_seconds: int = Field(default=3600, ge=60, le=86400)
    """With overlap: wait, a run that has waited for so long fails."""
    on_partial_failure: PartialFailure = PartialFailure.SUCCEED
    """succeed delivers what there is with a warning; fail ends the execution as FAILED, which raises the alarm too."""
    min_succeeded_regions: int = Field(default=1, ge=1)
    """With onPartialFailure: succeed, a run with fewer regions than these fails all the same."""
