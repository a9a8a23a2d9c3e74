"""`make policy`: previews of the checkout's stacks with the policy pack, without an AWS account or a network."""
