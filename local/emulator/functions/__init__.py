"""Invocations of Lambda functions, passed to the agent, which runs the functions and returns their answers."""
