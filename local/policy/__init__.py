"""`make policy`: previews every stack of the checkout with the guardrails, without an AWS account or a network."""
