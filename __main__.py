"""Deploys the pipeline: settings in, components, outputs out."""

import pulumi

from components.configuration import aws_provider, load_stack_file
from components.pipeline import Pipeline, PipelineArgs

stack = load_stack_file()
pipeline = Pipeline(
    stack.settings.project,
    PipelineArgs(settings=stack.settings),
    pulumi.ResourceOptions(providers={"aws": aws_provider(stack)}),
)
pipeline.outputs.export()
