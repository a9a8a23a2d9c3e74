"""The Pulumi components that create the pipeline's AWS resources, one a file."""
