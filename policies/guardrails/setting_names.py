"""The settings of a project that set properties of AWS: a message names the setting, and the file to change.

`settings.toml` beside the limits of a project lists them, by resource type and property:

    ["aws:cloudwatch/logGroup:LogGroup"]
    retentionInDays = ["app:logs.retentionDays"]

    # Only of resources with this name in the program, in which * is any text. A field of a state is STATE.FIELD.
    ["aws:sfn/stateMachine:StateMachine".weekly]
    "definition.TimeoutSeconds" = ["app:run.timeoutSeconds"]
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from guardrails.aws.types import STATE_MACHINE
from guardrails.plan import Resource

_DEFINITION = "definition"
_DOCUMENTS = (_DEFINITION, "containerDefinitions")
"""The properties that are JSON documents; a message names a field of them without the property."""
_OF_THE_MACHINE = re.compile(r"the machine's [A-Z]\w+|[A-Z]\w+ of the machine\b")


@dataclass(frozen=True, kw_only=True)
class Named:
    """A property of AWS, and the settings that set it."""

    type: str
    resource: str | None
    """The name of the only resource whose property it is, or a pattern with *; None for all of the type."""
    path: str
    settings: Sequence[str]

    @property
    def field(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def state(self) -> str | None:
        """The state of a state machine that has the field."""
        parts = self.path.split(".")
        return parts[1] if parts[0] == _DEFINITION and len(parts) > 2 else None

    @property
    def texts(self) -> Iterator[str]:
        """The texts by which a message names it: the path, and the field unless it may be any word."""
        yield self.path
        if self.path.startswith(_DOCUMENTS) or self.field.lower() != self.field:
            yield self.field


@dataclass(frozen=True, kw_only=True)
class Names:
    """The files and the settings by which the messages about one stack name what to change."""

    settings: Sequence[Named] = ()
    stack_file: str = ""
    """The stack's file, as in Pulumi.dev.yaml."""
    limits_file: str = ""
    """The path of the limits; empty if the stack has none of its own."""

    def applied(self, message: str, resource: Resource, limits: Collection[str], state: str | None) -> str:
        """Return a message on a resource that names the settings of the properties in it, and the file of the limits.

        The names are in the remedy, the part after the first semicolon; a remedy such as "lower it" names no property,
        and then they are in the part before it. `state` is the state of a state machine that the message is about.
        """
        problem, separator, remedy = message.partition("; ")
        places = self._places(message, resource, state)
        if self.limits_file:
            remedy = _after(remedy, dict.fromkeys(limits, self.limits_file))
        if any(_has(remedy, text) for text in places):
            remedy = _after(remedy, places)
        else:
            problem = _after(problem, places)
        return problem + separator + remedy

    def _places(self, message: str, resource: Resource, state: str | None) -> Mapping[str, str]:
        """Return the settings of each text in the message that names a property."""
        found: dict[str, list[Sequence[str]]] = {}
        state = self._state(message, resource, state)
        for named in self.settings:
            is_own = named.type == resource.type
            if named.resource is not None and not (
                fnmatchcase(resource.name, named.resource) if is_own else _has(message, named.resource)
            ):
                continue
            if named.path.startswith(_DEFINITION) and named.state != (state if is_own else None):
                continue
            for text in named.texts:
                if is_own or text.lower() != text:
                    found.setdefault(text, []).append(named.settings)
        # The settings of two types with the same property would be a guess.
        return {
            text: f"{' or '.join(of[0])} in {self.stack_file}"
            for text, of in found.items()
            if all(settings == of[0] for settings in of)
        }

    def _state(self, message: str, resource: Resource, state: str | None) -> str | None:
        """Return the state that a message is about or mentions first, or None if it is about the whole machine."""
        if resource.type != STATE_MACHINE or _OF_THE_MACHINE.search(message):
            return None
        if state:
            return state
        mentioned = [
            (found.start(), named.state)
            for named in self.settings
            if named.state and (found := re.search(_word(named.state), message))
        ]
        return min(mentioned)[1] if mentioned else None


def _after(text: str, places: Mapping[str, str]) -> str:
    """Return a text with the place of each name in brackets after its first mention, and each place once."""
    if not places:
        return text
    mentioned: set[str] = set()

    def with_place(found: re.Match[str]) -> str:
        place = places[found[0]]
        if place in mentioned:
            return found[0]
        mentioned.add(place)
        return f"{found[0]} ({place})"

    longest_first = sorted(places, key=len, reverse=True)
    return re.sub("|".join(map(_word, longest_first)), with_place, text)


def _has(text: str, name: str) -> bool:
    return re.search(_word(name), text) is not None


def _word(name: str) -> str:
    return rf"(?<![\w.:-]){re.escape(name)}(?![\w-]|\.\w)"
