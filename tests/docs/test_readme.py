"""Tests that README.md is short, and that the links of every page lead to a file."""

import re

import pytest

from tests.stacks import ROOT

PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("local/*/*.md"))
)
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)\s]+)?\)")


def test_the_readme_has_at_most_180_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 180


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    path = ROOT / page
    missing = [
        target
        for target, _anchor in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert missing == []


def test_the_deployment_has_seven_steps_of_which_the_last_removes_the_stack() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    deployment = text.partition("## Deploy it to AWS")[2].partition("\n## ")[0]
    steps = re.split(r"^(\d)\. ", deployment, flags=re.MULTILINE)
    assert steps[1::2] == list("1234567")
    assert "pulumi destroy" in steps[-1]


@pytest.mark.parametrize("page", ["docs/local-run.md", "docs/guardrails.md"])
def test_every_option_of_a_command_is_on_its_page(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    if page == "docs/local-run.md":
        from local.run.options import parse as parse_options  # noqa: PLC0415
    else:
        from local.policy.options import parse as parse_options  # type: ignore[assignment] # noqa: PLC0415
    with pytest.raises(SystemExit):
        parse_options(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options <= set(re.findall(r"--[a-z-]+", (ROOT / page).read_text(encoding="utf-8")))
