"""The reader of files with state machines; it recognizes the kind of a file by its content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guardrails.time.files import cloudformation, terraform
from guardrails.time.files.documents import parsed
from guardrails.time.files.machine import FoundMachine, MachineFileError, found_machine


def machines_in(path: Path) -> list[FoundMachine]:
    """Return the state machines in a file; a definition without a name is one machine without a name.

    Raises:
        MachineFileError: if the file cannot be read, or holds no state machine.
    """
    try:
        document = parsed(path.read_text(encoding="utf-8"))
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
    if isinstance(document, Mapping) and "definition" in document and "States" not in document:
        # As `aws stepfunctions describe-state-machine` prints it.
        return [found_machine(str(document.get("name", "")), document["definition"], document.get("type"))]
    return [found_machine("", document, None)]
