"""The IAM policies of docs/deploy.md: the permissions to deploy a stack, derived from its resources."""
