"""Invocations of Lambda functions: on their way to the agent, which runs the functions, and the answers back."""
