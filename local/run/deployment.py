"""The local stack while it runs: the local AWS, the local channels, and the outputs of `pulumi up`."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.settings.regions import region_names
from local.agent.image import assemble
from local.aws import LocalAws
from local.channels.client import LocalChannels
from local.paths import IMAGE, ROOT
from local.run import stack
from local.run.aws import local_aws
from local.run.channels import ChannelSettings, channel_settings, local_channels
from local.run.checks import checked
from local.run.display import Steps
from local.run.kept_stack import KeptStack
from local.run.mailboxes import Mailbox, open_mailboxes
from local.run.options import STACK, Options, monitored_catalog
from local.run.package import build_package
from local.toolchain import ready
from local.workspace import read_stack_file

_TOPICS = ("pipeline_success_topic_arn", "pipeline_failure_topic_arn")


@dataclass(frozen=True)
class LocalStack:
    """A deployed local stack."""

    aws: LocalAws
    channels: LocalChannels
    outputs: Mapping[str, Any]
    region_names: tuple[str, ...]
    """The regions of the stack file's catalog; empty for another project, whose items its plan names."""

    def open_mailboxes(self) -> list[Mailbox]:
        """Create a queue for each e-mail address; only later messages are in it."""
        mailboxes = open_mailboxes(self.aws, [self.outputs[topic] for topic in _TOPICS])
        # All is deployed: without a snapshot, a kill in the next seconds would lose resources of the last ones.
        self.aws.admin("POST", "snapshot", {})
        return mailboxes

    def kept(self, run_id: str | None) -> KeptStack:
        """Return the record of the stack for the command that stops it."""
        return KeptStack(run_id, self.aws.endpoint, self.channels.endpoint, self.region_names)


@contextmanager
def deployed(steps: Steps, options: Options, *, keep: bool) -> Iterator[LocalStack]:
    """Deploy the local stack; stop it at the end of the block unless `keep` is true.

    Raises:
        RunError: if a part does not start, or if the stack cannot be deployed.
        StackFileError: if the stack file has mistakes.
        ToolchainError: if the tools cannot be set up.
    """
    config = checked(STACK, read_stack_file(STACK), options)
    # The items of another project are known when its run is planned.
    names = region_names(monitored_catalog(config)) if options.project is None else ()
    with steps.step("toolchain", "Toolchain") as step:
        tools = ready(ROOT, progress=step.describe_progress)
        os.environ.update(tools.environment(stand_in_provider=not options.released_provider))
        if options.project is not None:
            os.environ.update(build_package())
    with steps.step("image", "Worker image"):
        base = options.project or options.program
        assemble(dockerfile=ROOT / "container" / "Dockerfile", context=ROOT, to=IMAGE, base=base)
    with ExitStack() as running:
        with steps.step("local_aws", "Local AWS") as step:
            channels = running.enter_context(local_channels(keep=keep))
            aws = running.enter_context(
                local_aws(
                    account=str(config["ccapi:account"]), keep=keep, enforce_roles=not options.ignore_roles
                )
            )
            step.describe(aws.endpoint)
        yield LocalStack(aws, channels, _up(steps, aws, channels, config, options.project), names)


def _up(
    steps: Steps, aws: LocalAws, channels: LocalChannels, config: Mapping[str, Any], project: Path | None
) -> Mapping[str, Any]:
    with steps.step("up", "pulumi up") as step:
        stack.forget_stack()
        settings = (
            channel_settings(config, channels)
            if project is None
            else ChannelSettings(stack.config_of_another(config), secrets={})
        )
        stack.write_workspace(settings.config, aws=aws, project=project or ROOT)
        selected = stack.select_stack()
        stack.set_secrets(selected, settings.secrets)
        count = 0

        def on_resource(name: str) -> None:
            nonlocal count
            count += 1
            step.describe(f"{count} done, {name}")

        deployment = stack.up(selected, on_resource)
        step.describe(f"{deployment.resources} resources")
    return deployment.outputs
