"""The certificates of ACM that AWS bills: exportable ones, and those of a private certificate authority.

No other certificate is billed. Source: https://aws.amazon.com/certificate-manager/pricing/
"""

from guardrails.cost.resources.pricing import Pricing
from guardrails.plan import Resource
from guardrails.properties import is_set, read_partly

_NOT_EXPORTABLE = (None, "DISABLED")


def _missing_price(certificate: Resource) -> str | None:
    if is_set(certificate, "certificateAuthorityArn"):
        return "the price of a certificate of a private certificate authority"
    if read_partly(certificate, "options.export") not in _NOT_EXPORTABLE:
        return "the price of an exportable certificate"
    return None


PRICING = Pricing(missing={"aws:acm/certificate:Certificate": _missing_price})
