"""Previews of Pulumi stacks with the guardrails, and their reports as text, Markdown and JSON."""
