"""The conditions of a statement, compared with the context of a request.

Source: "Conditions with multiple context keys or values"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guardrails.iam.match import Match, any_of, every, matched
from guardrails.iam.operators import NULL, OPERATORS, Operator
from guardrails.iam.patterns import resource_matches
from guardrails.iam.request import Request, Values
from guardrails.iam.variables import resolved

_IF_EXISTS = "ifexists"
_FOR_ALL, _FOR_ANY = "forallvalues", "foranyvalue"


@dataclass(frozen=True)
class Condition:
    """One operator with one key of a statement's condition."""

    operator: str
    """As written, e.g. `ForAnyValue:StringLikeIfExists`."""
    key: str
    values: Values

    @property
    def requires_a_value(self) -> bool:
        """True if the condition holds only for a request whose key is present and has one of the values."""
        name, over, if_exists = _parts(self.operator)
        operator = OPERATORS.get(name)
        is_compared = operator is not None and not operator.is_negated
        return is_compared and not if_exists and over != _FOR_ALL

    def compare(self, request: Request) -> Match:
        """Return `YES` if the condition holds for a request, `MAYBE` if a value or the operator is not known."""
        given = request.values(self.key)
        name, over, if_exists = _parts(self.operator)
        if name == NULL:
            return Match.MAYBE if given is None else _is_null(self.values, given)
        operator = OPERATORS.get(name)
        if given is None or operator is None or over not in ("", _FOR_ALL, _FOR_ANY):
            return Match.MAYBE
        if not given:
            # An absent key: the operator over a set decides, whatever else is written.
            is_met = over == _FOR_ALL or (over != _FOR_ANY and (if_exists or operator.is_negated))
            return matched(is_met)
        wanted = [resolved(value, request) for value in self.values]
        results = (_one(operator, wanted, value) for value in given)
        if over == _FOR_ALL:
            return every(results)
        if over == _FOR_ANY:
            return any_of(results)
        # Without an operator over a set, a key with several values is not defined by the documentation.
        return next(results) if len(given) == 1 else Match.MAYBE


def _one(operator: Operator, wanted: list[str | None], given: str) -> Match:
    """Return the match of one value of the request; None among the wanted values is one that is not known."""
    found = any_of(Match.MAYBE if value is None else _matches(operator, value, given) for value in wanted)
    return ~found if operator.is_negated else found


def _matches(operator: Operator, wanted: str, given: str) -> Match:
    """Return the match of two values; a `*` in the request's stands for a part that is not known."""
    if "*" in given:
        is_never_given = not operator.has_patterns and "*" in wanted and given.startswith("arn:")
        # An ARN in a request has no wildcard, so that the text of one equals none.
        return Match.NO if is_never_given else resource_matches(wanted, given)
    return matched(operator.compare(wanted, given))


def _is_null(wanted: Values, given: Values) -> Match:
    return any_of(matched((value.lower() == "true") == (not given)) for value in wanted)


def _parts(operator: str) -> tuple[str, str, bool]:
    """Return an operator's name, its set operator and whether it has `IfExists`, all in lower case."""
    over, _, name = operator.lower().rpartition(":")
    return name.removesuffix(_IF_EXISTS), over, name.endswith(_IF_EXISTS)


def conditions_of(written: Mapping[str, Mapping[str, Values]]) -> Iterator[Condition]:
    """Yield the conditions of a statement's `Condition`."""
    for operator, keys in written.items():
        for key, values in keys.items():
            yield Condition(operator, key, values)
