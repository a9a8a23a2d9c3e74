"""The expected usage and cost of a run: policies estimate it in a preview, and a run computes it at its end.

This package imports neither Pulumi nor the guardrails; tests compare it with the guardrails' estimate.
"""
