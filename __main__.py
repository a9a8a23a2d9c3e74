"""Deploys the pipeline: settings in, components, outputs out."""

from datetime import UTC, datetime

import pulumi

from components.configuration import aws_provider, load_stack_file
from components.pipeline import Pipeline, PipelineArgs

now = datetime.now(UTC)
stack = load_stack_file(now)
pipeline = Pipeline(
    stack.settings.project,
    PipelineArgs(settings=stack.settings, now=now),
    pulumi.ResourceOptions(providers={"aws": aws_provider(stack)}),
)
pipeline.outputs.export()
