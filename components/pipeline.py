"""The pipeline of this project: a scheduled job with the settings of a stack file."""

from dataclasses import dataclass
from datetime import datetime

import pulumi

from components.resources.program_access import ProgramAccess
from components.scheduled_job import ScheduledFargateJob
from components.settings import Settings


@dataclass(frozen=True, kw_only=True)
class PipelineArgs:
    """The settings of the stack, and the time from which next starts are computed; no resource depends on that time."""

    settings: Settings
    now: datetime


class Pipeline(ScheduledFargateJob):
    """The scheduled job of a stack file, of the type that its deployed resources have."""

    def __init__(self, name: str, args: PipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self._create(name, args.settings, args.now, opts, ProgramAccess())
