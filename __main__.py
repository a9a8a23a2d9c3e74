"""Deploys the pipeline: settings in, components, outputs out."""

from datetime import UTC, datetime

import pulumi

from components.configuration import aws_provider, load_settings
from components.pipeline import Pipeline, PipelineArgs

now = datetime.now(UTC)
settings = load_settings(now)
pipeline = Pipeline(
    settings.project,
    PipelineArgs(settings=settings, now=now),
    pulumi.ResourceOptions(providers={"aws": aws_provider(settings)}),
)
pipeline.outputs.export()
