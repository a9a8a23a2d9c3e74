"""The values of CloudFormation's intrinsic functions, as far as a template alone determines them.

What only a deployment determines stays a placeholder, as in `${Timeout}`: a parameter may have another value than its
default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guardrails.time.values import PLACEHOLDER

_NAMED = re.compile(r"\$\{(!?)([^{}]*)\}")
_PSEUDO = {"AWS::Partition": "aws", "AWS::NoValue": None}
_ARNS = {
    "AWS::Lambda::Function": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:%s",
    "AWS::Lambda::Alias": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:%s",
    "AWS::Lambda::Version": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:%s",
    "AWS::Serverless::Function": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:%s",
    "AWS::StepFunctions::Activity": "arn:aws:states:${AWS::Region}:${AWS::AccountId}:activity:%s",
}
"""The ARN of a resource in a Task's Resource, by its type; the analysis reads the service, not the name."""


@dataclass(frozen=True)
class Intrinsics:
    """The parts of a template that functions refer to."""

    types: Mapping[str, str] = field(default_factory=dict)
    """The type of each resource."""
    mappings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, template: Mapping[str, Any]) -> "Intrinsics":
        """Return the intrinsics of a template."""
        resources, mappings = template.get("Resources"), template.get("Mappings")
        types = {
            name: str(resource.get("Type"))
            for name, resource in (resources if isinstance(resources, Mapping) else {}).items()
            if isinstance(resource, Mapping)
        }
        return cls(types, mappings if isinstance(mappings, Mapping) else {})

    def resolved(self, value: Any) -> Any:
        """Return a value in which functions are replaced by their values, or by placeholders."""
        if isinstance(value, list):
            return [self.resolved(inner) for inner in value if not _is_nothing(inner)]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._value(name, argument)
        return {key: self.resolved(inner) for key, inner in value.items() if not _is_nothing(inner)}

    def _value(self, name: str, argument: Any) -> Any:
        found: Any = f"${{{name}}}"
        match name, argument:
            case "Ref", str():
                found = self._reference(argument)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                found = self._attribute(resource, attribute)
            case "Fn::GetAtt", str():
                found = self._attribute(*argument.partition(".")[::2])
            case "Fn::Sub", str():
                found = self._substituted(argument, {})
            case "Fn::Sub", [str() as text, Mapping() as values]:
                found = self._substituted(text, {key: self.resolved(inner) for key, inner in values.items()})
            case "Fn::Join", [str() as separator, list() as parts]:
                found = separator.join(map(_text, self.resolved(parts)))
            case "Fn::FindInMap", [str() as table, *keys]:
                found = self._found(table, [self.resolved(key) for key in keys])
            case "Fn::ToJsonString", _:
                found = self.resolved(argument)
        return found

    def _reference(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        # The Ref of an activity, a version or an alias is its ARN; that of a function is its name.
        is_named = "Function" in self.types.get(name, "")
        return f"${{{name}}}" if is_named else self._arn(name) or f"${{{name}}}"

    def _attribute(self, resource: str, attribute: str) -> str:
        arn = self._arn(resource) if attribute in {"Arn", "FunctionArn", "Alias"} else None
        return arn or f"${{{resource}.{attribute}}}"

    def _arn(self, name: str) -> str | None:
        template = _ARNS.get(self.types.get(name, ""))
        return template % name if template else None

    def _found(self, table: str, keys: list[Any]) -> Any:
        value: Any = self.mappings.get(table)
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) and isinstance(key, str) else None
        return f"${{Fn::FindInMap {table}}}" if value is None else value

    def _substituted(self, text: str, values: Mapping[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            literal, name = match[1], match[2].strip()
            if literal:
                return f"${{{name}}}"
            if name in values:
                return _text(values[name])
            resource, dot, attribute = name.partition(".")
            return _text(self._attribute(resource, attribute) if dot else self._reference(name))

        return _NAMED.sub(value, text)


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """Return a definition in which the substitutions of its placeholders replace them."""
    if isinstance(value, Mapping):
        return {key: filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in value]
    if not isinstance(value, str):
        return value
    return PLACEHOLDER.sub(lambda match: _text(values.get(match[0][2:-1].strip(), match[0])), value)


def _is_nothing(value: Any) -> bool:
    return isinstance(value, Mapping) and dict(value) == {"Ref": "AWS::NoValue"}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)
