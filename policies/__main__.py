"""The entry point of the policy pack, which `pulumi preview --policy-pack policies` runs."""

import gc
import sys

from pulumi_policy import PolicyPack

from guardrails.limits import LimitsError
from guardrails.pack import guardrails
from guardrails.pack_configuration import refuse_unknown_rules
from guardrails.rules import RULES

# A pack runs for one preview and keeps nearly all objects: garbage collection took a third of its time.
gc.disable()
try:
    pack = guardrails()
except LimitsError as error:
    sys.exit(str(error))
refuse_unknown_rules([rule.name for rule in RULES])
PolicyPack(**pack)
