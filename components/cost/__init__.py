"""What a run is expected to use and to cost: declared to policies before it is there, reckoned by the run at its end.

Nothing here knows Pulumi, nor the guardrails, against whose estimate tests hold it.
"""
