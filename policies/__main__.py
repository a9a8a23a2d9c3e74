"""The policy pack that `pulumi preview --policy-pack policies` runs."""

from pulumi_policy import PolicyPack

from guardrails.pack import guardrails

PolicyPack(**guardrails())
