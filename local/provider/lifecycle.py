"""The creation, reading, update and deletion of a resource by its entry in the table of types."""

import re
from collections.abc import Set
from dataclasses import dataclass
from string import Template
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from local.provider.aws import Aws
from local.provider.diff import changes
from local.provider.errors import PartlyCreatedError, ProviderError, explain, is_gone
from local.provider.operations import carried, run
from local.provider.planning import input_changes
from local.provider.resource_type import ResourceType, Step
from local.provider.tags import all_tags, own_tags
from local.provider.values import DEFAULTS, UNKNOWN, Properties

AWS_ERRORS = (ClientError, BotoCoreError)

UNREAD: Final = "__unread"
"""The output that lists the given properties which AWS does not report, so that their absence is not drift."""

_ALWAYS_SUPPORTED = frozenset({DEFAULTS, "region", "skipDestroy", "tags"})
"""Properties that every type supports."""


@dataclass(frozen=True)
class Lifecycle:
    """One resource type in one region of the local AWS."""

    type: ResourceType
    aws: Aws
    default_tags: dict[str, str]

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """Return a preview's outputs: the inputs, and AWS's properties as unknown or unchanged."""
        schema = self.type.schema
        if state is None:
            rest = {name: UNKNOWN for name in schema.outputs if name not in schema.optional_outputs}
        else:
            rest = {name: value for name, value in state.items() if name not in schema.inputs.properties}
        return {**rest, **self._frame(inputs)}

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create a resource, and return its id and its state."""
        self._refuse_unsupported(inputs)
        state = self._parameters(inputs)
        state |= run(self.type, self.type.create, self.aws, state) or {}
        resource_id = Template(self.type.id).substitute(state)
        try:
            missing = inputs.keys() - carried(self.type, self.type.create, self.aws)
            self._configure(resource_id, state, inputs, missing)
            return resource_id, self._settled(resource_id, state, inputs)
        except (*AWS_ERRORS, ProviderError) as error:
            raise PartlyCreatedError(explain(error), resource_id, self._frame(inputs)) from error

    def update(self, resource_id: str, state: Properties, old: Properties, new: Properties) -> Properties:
        """Update a resource from its old inputs to its new ones, and return its state."""
        self._refuse_unsupported(new)
        changed = {change.property for change in input_changes(self.type, old, new)}
        removed = changed - new.keys() - {"tags"}
        cleared = {name: value for name, value in self.type.cleared.items() if name in removed}
        # Without a difference, this completes a creation that failed half-way: every property is sent again.
        self._configure(resource_id, state, cleared | new, changed or new.keys())
        settled = self._settled(resource_id, state, new)
        kept = {name for name in removed - cleared.keys() - self.type.defaults.keys() if name in settled}
        if lost := sorted(
            name for name in kept if not changes({name: state.get(name)}, {name: settled[name]})
        ):
            raise ProviderError(
                f"AWS keeps the value of {', '.join(lost)} although the program no longer sets it; "
                "set the value that you want."
            )
        return settled

    def delete(self, resource_id: str, state: Properties) -> None:
        """Delete a resource, unless `skipDestroy` is set; a resource that no longer exists counts as deleted."""
        if state.get("skipDestroy"):
            return
        for step in self.type.delete:
            try:
                run(self.type, step, self.aws, state | self._keys(resource_id, state))
            except ClientError as error:
                if not is_gone(error) and self._read(resource_id, state) is not None:
                    raise

    def refresh(
        self, resource_id: str, state: Properties, inputs: Properties
    ) -> tuple[Properties, Properties] | None:
        """Read a resource, and return its state and the inputs that match it."""
        found = self._read(resource_id, state)
        if found is None:
            return None
        inputs = dict(inputs)
        schema = self.type.schema
        silent = {*state.get(UNREAD, []), *_ALWAYS_SUPPORTED}
        # Properties that the program does not set are not drift: a security group's rules may be separate resources.
        definite = inputs.keys() | schema.optional_outputs | schema.inputs.required | self.type.forces_new
        for name in schema.inputs.properties.keys() & definite:
            if name in found and changes({name: state.get(name)}, {name: found[name]}):
                inputs[name] = found[name]
            elif name in state and name not in found and name not in silent:
                inputs.pop(name, None)
        if "tagsAll" in found and found["tagsAll"] != state.get("tagsAll", {}):
            inputs["tags"] = own_tags(found["tagsAll"], inputs, self.default_tags)
        inputs = {name: value for name, value in inputs.items() if name != "tags" or value}
        return self._merged(found, inputs), inputs

    def _parameters(self, inputs: Properties) -> Properties:
        """Return the properties that operations may send: defaults, inputs, and all tags."""
        parameters = {name: value for name, value in inputs.items() if name != DEFAULTS}
        if tags := self._tags(inputs):
            parameters["tags"] = tags
        return {**self.type.defaults, **parameters}

    def _tags(self, inputs: Properties) -> Any:
        return all_tags(inputs, self.default_tags) if self._has_tags else {}

    @property
    def _has_tags(self) -> bool:
        return "tagsAll" in self.type.schema.outputs

    def _frame(self, inputs: Properties) -> Properties:
        """Return the part of a resource's state that is known without a call to AWS."""
        frame = {name: value for name, value in inputs.items() if name != DEFAULTS}
        if "region" in self.type.schema.outputs:
            frame["region"] = self.aws.region
        if self._has_tags:
            frame["tagsAll"] = self._tags(inputs)
        return frame

    def _keys(self, resource_id: str, state: Properties) -> Properties:
        """Return the properties that identify a resource in operations on it."""
        known = {name: state[name] for name in ("arn", *self.type.context) if name in state}
        return {"id": resource_id, **_take_apart(self.type.id, resource_id), **known}

    def _configure(self, resource_id: str, state: Properties, inputs: Properties, changed: Set[str]) -> None:
        parameters = self._parameters(inputs) | self._keys(resource_id, state)
        for step in self.type.update:
            if carried(self.type, step, self.aws) & changed:
                run(self.type, step, self.aws, parameters)

    def _settled(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Read a resource that was just written, correct its tags, and return its state."""
        state = self._state(resource_id, state, inputs)
        tagging, tags = self.type.tagging, self._tags(inputs)
        if tagging is None or state["tagsAll"] == tags:
            return state
        keys = self._keys(resource_id, state)
        if removed := sorted(state["tagsAll"].keys() - tags.keys()):
            run(self.type, tagging.remove, self.aws, {**keys, "tagKeys": removed})
        if tags:
            run(self.type, tagging.add, self.aws, {**keys, "tags": tags})
        return self._state(resource_id, state, inputs)

    def _state(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        found = self._read(resource_id, state)
        if found is None:
            raise ProviderError(f"`{resource_id}` cannot be found right after it was written")
        return self._merged(found, inputs)

    def _merged(self, found: Properties, inputs: Properties) -> Properties:
        unread = sorted(inputs.keys() - found.keys() - _ALWAYS_SUPPORTED)
        return {**self._frame(inputs), **found, **({UNREAD: unread} if unread else {})}

    def _read(self, resource_id: str, state: Properties) -> Properties | None:
        """Return all properties of a resource that AWS reports, or None if it does not exist."""
        first, *others = self.type.read
        keys = self._keys(resource_id, state)
        found = self._unless_gone(first, keys)
        if found is None:
            return None
        found |= self._computed(keys | found)
        keys |= {name: found[name] for name in ("arn",) if name in found}
        if self.type.tagging and self.type.tagging.read:
            others.append(self.type.tagging.read)
        for step in others:
            found |= self._unless_gone(step, keys) or {}
        if self.type.tagging:
            tags = found.pop("tags", {})
            found["tagsAll"] = {key: value for key, value in tags.items() if not key.startswith("aws:")}
        outputs = self.type.schema.outputs
        return {name: value for name, value in {**keys, **found}.items() if name in outputs}

    def _computed(self, properties: Properties) -> Properties:
        """Return the outputs that no operation returns."""
        places = {"region": self.aws.region, "partition": self.aws.partition}
        if any("$account" in template for template in self.type.computed.values()):
            places["account"] = self.aws.account
        computed = self.type.computed.items()
        return {name: Template(template).substitute(places | properties) for name, template in computed}

    def _unless_gone(self, step: Step, properties: Properties) -> Properties | None:
        try:
            return run(self.type, step, self.aws, properties)
        except ClientError as error:
            if is_gone(error):
                return None
            raise

    def _refuse_unsupported(self, inputs: Properties) -> None:
        steps = (self.type.create, *self.type.update)
        own = (self.type.prefix_property, *self.type.own)
        supported = _ALWAYS_SUPPORTED.union(own, *(carried(self.type, step, self.aws) for step in steps))
        if unsupported := sorted(inputs.keys() - supported):
            raise ProviderError(
                f"the stand-in provider does not support {', '.join(unsupported)} of {self.type.token}. Leave it out "
                f"of the local stack, or carry it in the type's entry under local/provider/types."
            )


def _take_apart(template: str, resource_id: str) -> Properties:
    """Return the properties in an id: `$groupName/$name` and `default/weekly` give a group and a schedule."""
    pattern = re.sub(r"\\\$(\w+)", r"(?P<\1>.+?)", re.escape(template))
    match = re.fullmatch(pattern, resource_id)
    if match is None:
        raise ProviderError(f"the id `{resource_id}` is not of the form {template.replace('$', '')}.")
    return match.groupdict()
