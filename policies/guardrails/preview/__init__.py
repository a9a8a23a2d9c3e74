"""Previews of a Pulumi project with the guardrails, and what they say, for people and for programs."""
