"""The commands of messages as a shell reads them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis.strategies import text

from reporter.commands import start_again
from tests.reporter.examples import SETTINGS


@given(text())
def test_an_input_stands_between_apostrophes_without_a_way_out(name: str) -> None:
    given_input = {"execution_name": name}
    line = start_again(SETTINGS, "To do it again:", given_input).line
    (argument,) = re.findall(r"--input '(.*)'$", line)
    assert not set(argument) & {"'", "`"}
    assert json.loads(argument) == given_input


@pytest.mark.parametrize("known", [[1, 2], "text", 7])
def test_an_input_that_is_no_object_is_left_out_and_named(known: object) -> None:
    command = start_again(SETTINGS, "To do it again:", known, "2026-W47")
    assert (
        command.purpose == f"To do it again (without the input {json.dumps(known)}, which is no JSON object):"
    )
    assert command.line.endswith("""--input '{"run_id":"2026-W47"}'""")


def test_an_input_that_is_not_known_is_copied_from_the_execution() -> None:
    command = start_again(SETTINGS, "To do it again:", None, "2026-W47")
    assert (
        "copy it from the Execution link into input.json, and set run_id to 2026-W47 in it" in command.purpose
    )
    assert command.line.startswith("# ")
