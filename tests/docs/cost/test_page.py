import re

import pytest

from docs.cost.figures import STACKS, read
from docs.cost.page import page
from docs.cost.picture import INKS
from guardrails.cost.bill import Case, price_title
from guardrails.cost.prices.table import table
from guardrails.cost.report import usd
from tests.docs.cost.test_figures import EVERY_STACK
from tests.stacks import ROOT

PAGE = page()


def row(beginning: str) -> list[str]:
    (line,) = (line for line in PAGE.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


@EVERY_STACK
def test_a_stack_has_its_month_in_the_first_table(stack: str) -> None:
    month = read(stack).month
    assert row(f"**{stack}**")[1:3] == [usd(month[case].usd) for case in Case]


@pytest.mark.parametrize(
    "arithmetic",
    [
        "2 vCPU × $0.04048 + 4 GB × $0.004445    = $0.09874 an hour",
        "with its public address, $0.005         = $0.10374 an hour",
        "1.5 hours                               = $0.15561 a run",
        "4.348 weeks a month                     = $0.68 a month",
    ],
)
def test_the_example_is_calculated_step_by_step(arithmetic: str) -> None:
    assert f"\n    {arithmetic}\n" in PAGE


@pytest.mark.parametrize(
    ("what", "dollars"),
    [
        # 730 h x (0.045 + 0.005)
        ("a NAT gateway", "+ $36.50 a month, and $0.045 per GB"),
        # 730 h x 5 services x 2 zones x 0.01
        ("5 interface endpoints in each of 2 zones", "+ $73.00 a month, and $0.01 per GB"),
        # 365.25 / 12 x 1.5 h x 0.10374, instead of a seventh of it
        ("a run every day", "$4.74 a month instead of $0.68"),
        # 2 x 0.03238 + 4 x 0.00356 + 0.005
        ("an ARM processor", "$0.0840 an hour instead of $0.1037"),
        # 30 GB x 0.000111
        ("50 GB of disk", "+ $0.00333 an hour"),
        # 2 h x (2 x 0.04048 + 8 x 0.004445 + 0.005)
        ("one more retry", "no change expected; $0.24 a run at worst, with tasks of 2 hours"),
    ],
)
def test_the_effect_of_a_setting_is_given_in_dollars(what: str, dollars: str) -> None:
    assert row(what)[2] == dollars


@pytest.mark.parametrize(("case", "called"), [(Case.EXPECTED, "expected"), (Case.WORST, "at worst")])
def test_the_table_of_a_run_ends_with_its_total_cost(case: Case, called: str) -> None:
    machine = read("prod").machines[0]
    assert row(f"**a run of prod, {called}**")[3] == f"**{usd(machine.run_usd[case])}**"


def test_every_price_of_the_stacks_is_listed_with_its_usage_type() -> None:
    price = table("us-east-1").price("fargate_x86_vcpu_hour")
    assert row("AWS Fargate, vCPU, x86 |")[1:] == [
        "$0.04048 per vCPU-hour",
        "`USE1-Fargate-vCPU-Hours:perCPU`",
        str(price.as_of),
        "yes",
    ]
    assert "| $25.00 per million transitions |" in PAGE
    listed = set(re.findall(r"^\| ([^|]*) \| \$[^|]*\| `", PAGE, flags=re.MULTILINE))
    assert listed == {price_title(key) for stack in STACKS for key in read(stack).prices}


def test_the_page_gives_the_dates_of_its_oldest_and_newest_price() -> None:
    prices = table("us-east-1")
    days = sorted(prices.price(key).as_of for stack in STACKS for key in read(stack).prices)
    assert f"last confirmed between {days[0]} and {days[-1]}." in PAGE


def test_every_setting_that_is_named_is_one() -> None:
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)\.(\w+)[:`]", PAGE)) - {("measured", "json")}
    assert named
    for concern, setting in named:
        section = settings.partition(f"\n## {concern}\n")[2].partition("\n## ")[0]
        assert f"`{setting}`" in section, f"{concern}.{setting}"


def test_every_link_has_a_target() -> None:
    headings = re.findall(r"^##+ (.*)$", PAGE, flags=re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        file, _, anchor = target.partition("#")
        if file:
            assert (ROOT / "docs" / file).exists(), target
        else:
            assert anchor in anchors, target
    for kind in INKS:
        assert f"cost/month-{kind}.svg" in PAGE
