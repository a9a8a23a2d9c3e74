"""What who deploys a stack may do in the account: the IAM policies of docs/deploy.md, derived from the resources."""
