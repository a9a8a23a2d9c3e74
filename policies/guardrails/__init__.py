"""Guardrails that judge a plan before anything is deployed: how long it can run."""
