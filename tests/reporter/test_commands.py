"""The commands of messages as a shell reads them."""

import json
import re

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
