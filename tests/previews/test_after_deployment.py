"""The stack files of dev and prod as they are, deployed to a local AWS, and planned again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.components.guardrails import unknown_to_guardrails
from tests.local.emulator.laptop import Laptop, laptop
from tests.previews.workspace import Workspace


@pytest.fixture(scope="module")
def aws() -> Iterator[Laptop]:
    with laptop() as running:
        yield running


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_preview_of_what_is_deployed_changes_nothing_and_knows_all(
    environment: str, engine: Path, aws: Laptop
) -> None:
    workspace = Workspace(engine / f"deployed-{environment}", environment, aws.aws)
    workspace.up()
    again = workspace.preview()
    assert again.changes == []
    assert unknown_to_guardrails(again.inputs) == []
