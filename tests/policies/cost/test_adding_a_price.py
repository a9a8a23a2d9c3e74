"""The steps of "Add a price" and "Add a resource type" in CONTRIBUTING.md, done in a copy of the checkout."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks import ROOT

PRICES = "policies/guardrails/cost/prices"
RESOURCES = "policies/guardrails/cost/resources"
BROKER = "aws:mq/broker:Broker"
MODULE = '''"""The cost of brokers of Amazon MQ: each by the hour."""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource


def _broker(table: PriceTable, _: Plan, broker: Resource) -> Iterator[Bill]:
    yield bill_for(table, "mq_broker_hour", broker.name, HOURS_A_MONTH)


PRICING = Pricing(fixed={"aws:mq/broker:Broker": _broker})
'''
# The tests by which the steps say that a price or a type without its line fails.
HELD_BY = (
    "tests/policies/cost/prices/test_table.py::test_a_price_of_any_region_without_a_known_amount_is_refused",
    "tests/policies/cost/resources/test_priced_types.py::test_every_priced_type_has_a_test_with_its_quantities",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the checkout; the folders that the steps do not change are links."""
    changed = ("policies", "tests", "pyproject.toml")
    for source in ROOT.iterdir():
        if source.name not in (*changed, ".git", ".local"):
            (tmp_path / source.name).symlink_to(source)
    for name in changed[:2]:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
    shutil.copy(ROOT / changed[2], tmp_path)
    return tmp_path


def insert(file: Path, before: str, text: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert content.count(before) == 1, before
    file.write_text(content.replace(before, text + before), encoding="utf-8")


def failed_tests(folder: Path) -> int:
    """Return the number of the tests of prices and types that fail in a checkout."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *HELD_BY]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return sum(line.startswith("FAILED ") for line in done.stdout.splitlines())


def test_the_steps_lead_to_a_price_in_the_estimate(copy: Path) -> None:
    # Its key, and the line of its new service.
    file = copy / PRICES / "prices.json"
    prices = json.loads(file.read_text(encoding="utf-8"))
    prices["keys"]["mq_broker_hour"] = {
        "label": "brokers",
        "unit": "hour",
        "service_code": "AmazonMQ",
        "usage_types": ["Broker:mq.t3.micro"],
    }
    insert(copy / PRICES / "services.py", '    "route53": ', '    "mq": "Amazon MQ",\n')
    # Its amount by hand.
    prices["regions"]["us-east-1"]["prices"]["mq_broker_hour"] = {
        "usd": "0.02704",
        "usage_type": "USE1-Broker:mq.t3.micro",
        "source": next(name for name, source in prices["sources"].items() if "as_of" in source),
        "verified": False,
    }
    file.write_text(json.dumps(prices, indent=2), encoding="utf-8")
    # A function in `PRICING` of a new service, with its line in the registry.
    (copy / RESOURCES / "mq.py").write_text(MODULE, encoding="utf-8")
    insert(copy / RESOURCES / "__init__.py", "    rds,\n", "    mq,\n")
    insert(copy / RESOURCES / "__init__.py", "    rds.PRICING,\n", "    mq.PRICING,\n")
    assert failed_tests(copy) == 2
    # The amount and the quantity, as a person looked them up.
    insert(
        copy / "tests/policies/cost/prices/known.toml", "[ap-southeast-3]", 'mq_broker_hour = "0.02704"\n\n'
    )
    with (copy / "tests/policies/cost/resources/priced.toml").open("a", encoding="utf-8") as priced:
        priced.write(f'\n["{BROKER}"]\nknown = {{ mq_broker_hour = 730 }}\n')
    assert failed_tests(copy) == 0
    plan = copy / "plan.json"
    step = {"newState": {"urn": f"urn:pulumi:dev::p::{BROKER}::queue", "type": BROKER}}
    plan.write_text(json.dumps({"steps": [step]}), encoding="utf-8")
    command = [sys.executable, "-m", "guardrails", "cost", str(plan), "--region", "us-east-1"]
    done = subprocess.run(command, cwd=copy / "policies", capture_output=True, text=True, check=True)
    # 730 h × $0.02704.
    assert "Amazon MQ" in done.stdout
    assert "$19.74" in done.stdout
