"""The reader of files with state machines; it recognizes the kind of a file by its content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guardrails.time.files import cloudformation, pulumi, terraform
from guardrails.time.files.documents import parsed
from guardrails.time.files.machine import FoundMachine, MachineFileError, found_machine

_SERVERLESS = {"provider", "functions", "stepFunctions", "plugins"}
"""The keys that a file of the Serverless Framework has beside its service."""


def machines_in(path: Path) -> list[FoundMachine]:
    """Return the state machines in a file; a definition without a name is one machine without a name.

    Raises:
        MachineFileError: if the file cannot be read, or holds no state machine.
    """
    try:
        document = _document(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MachineFileError(
            f"{path} cannot be read ({error.strerror}); name a file that holds a state machine"
        ) from None
    except ValueError:
        raise MachineFileError(
            f"{path} is not JSON or YAML in UTF-8; write the machine's definition"
        ) from None
    except MachineFileError as error:
        raise MachineFileError(f"{path} holds no state machine: {error}") from None
    try:
        found = _machines(document, path)
    except MachineFileError as error:
        raise MachineFileError(f"{path}: {error}") from None
    if not found:
        raise MachineFileError(f"{path} holds no state machine; name a file that defines one")
    if found[0].fault and not found[0].name:
        raise MachineFileError(f"{path}: {found[0].fault}")
    return found


def _machines(document: Any, path: Path) -> list[FoundMachine]:
    if cloudformation.is_template(document):
        return list(cloudformation.machines_of(document, path.parent))
    if terraform.is_plan(document):
        return list(terraform.machines_of(document))
    if pulumi.is_plan(document):
        return list(pulumi.machines_of(document))
    if other := _other_kind(document):
        raise MachineFileError(other)
    if isinstance(document, Mapping) and "definition" in document and "States" not in document:
        # As `aws stepfunctions describe-state-machine` prints it.
        return [found_machine(str(document.get("name", "")), document["definition"], document.get("type"))]
    return [found_machine("", document, None)]


def _document(text: str) -> Any:
    """Return the value of a text, and of the output of `aws cloudformation get-template` the template in it."""
    if not text.strip("\ufeff \t\r\n"):
        raise MachineFileError("it is empty; write the machine's definition")
    document = parsed(text)
    if not isinstance(document, Mapping) or "TemplateBody" not in document:
        return document
    body = document["TemplateBody"]
    return parsed(body) if isinstance(body, str) else body


def _other_kind(document: Any) -> str | None:
    """Return what to name instead of a file of a known kind that has no definition, or None for any other file."""
    if not isinstance(document, Mapping) or "States" in document or "definition" in document:
        return None
    if "executionArn" in document:
        return (
            "it is the output of `aws stepfunctions describe-execution`, which has no definition; name the output of "
            "`aws stepfunctions describe-state-machine-for-execution`"
        )
    if "service" in document and _SERVERLESS & document.keys():
        return (
            "it is a file of the Serverless Framework, which is no template yet; run `serverless package`, and name "
            "`.serverless/cloudformation-template-update-stack.json`"
        )
    return None
