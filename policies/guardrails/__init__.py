"""Guardrails for Pulumi plans: rules on running time, wiring, cost and operations, evaluated before deployment."""
