"""The policy variables in a text, replaced with the values of a request.

Source: "IAM policy elements: Variables and tags"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
"""

import re

from guardrails.iam.request import Request

_VARIABLE = re.compile(r"\$\{\s*([^},\s]+)\s*(?:,\s*'([^']*)'\s*)?\}")
_WILDCARDS = frozenset("*?")
_LITERALS = {"*": "*", "?": "?", "$": "$"}


def has_variables(text: str) -> bool:
    """Return True if a text has a policy variable."""
    return "${" in text


def resolved(text: str, request: Request) -> str | None:
    """Return a text with its variables replaced, or None if one of them is not known or is absent.

    A statement with a variable that is absent, without a default, does not match; an unknown result never grants.
    """
    if not has_variables(text):
        return text
    if has_variables(_VARIABLE.sub("", text)):
        # `${}` is not a variable, and IAM does not document what it matches.
        return None
    parts: list[str] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        parts += [text[end : found.start()]]
        end = found.end()
        name, default = found.groups()
        if name in _LITERALS:
            # The literal would be read as a wildcard afterwards; which of both is meant cannot be kept in a text.
            return None
        values = request.values(name)
        if values is None or len(values) > 1 or (not values and default is None):
            return None
        if values and not _WILDCARDS.isdisjoint(values[0]):
            # A wildcard in the request's value is plain text, and would be read as a wildcard of the policy.
            return None
        parts += [values[0] if values else str(default)]
    return "".join((*parts, text[end:]))
