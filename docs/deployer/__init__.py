"""The IAM policies of docs/deploy.md: what the deployer of a stack may do, derived from its resources."""
