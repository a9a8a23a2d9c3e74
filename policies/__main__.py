"""The policy pack that `pulumi preview --policy-pack policies` runs."""

import sys

from pulumi_policy import PolicyPack

from guardrails.limits import LimitsError
from guardrails.pack import guardrails

try:
    pack = guardrails()
except LimitsError as error:
    sys.exit(str(error))
PolicyPack(**pack)
