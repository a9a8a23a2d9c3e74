"""Deploys the pipeline: settings in, components, outputs out."""

import pulumi

from components.configuration import aws_provider, load_settings
from components.pipeline import Pipeline, PipelineArgs

settings = load_settings()
pipeline = Pipeline(
    settings.project,
    PipelineArgs(settings=settings),
    pulumi.ResourceOptions(providers={"aws": aws_provider(settings)}),
)
pipeline.outputs.export()
