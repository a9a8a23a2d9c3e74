"""The limits that a change sets, in a comment and in the text."""

import json
from pathlib import Path

import pytest

from guardrails.preview.comment import as_comment
from guardrails.preview.comparison import Base
from guardrails.preview.formats import as_text
from guardrails.preview.preview_result import Preview
from tests.policies.preview.previews import report

NAMED = "short: maxMessageDays, 14 → 30"
DISABLED = "long: enforcementLevel, default → disabled"
LISTED = "short: queues, a, b → none"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The limits before the change, of the stack dev of the project `ours`."""
    folder = tmp_path / "base" / "ours"
    folder.mkdir(parents=True)
    before = {"version": 1, "short": {"maxMessageDays": 14, "queues": ["a", "b"]}}
    (folder / "dev.json").write_text(json.dumps(before), encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text("name: ours", encoding="utf-8")
    return folder.parent


def preview(folder: Path, now: dict[str, object] | None) -> Preview:
    file = folder / "dev.json"
    if now is not None:
        file.write_text(json.dumps({"version": 1, **now}), encoding="utf-8")
    return Preview(stack="dev", report=report(limits_file=str(file) if now else None), folder=folder)


def test_limits_that_a_change_sets_are_listed_with_both_values(tmp_path: Path, base: Path) -> None:
    now = preview(
        tmp_path, {"short": {"maxMessageDays": 30, "queues": []}, "long": {"enforcementLevel": "disabled"}}
    )
    for place in (base, base / "ours" / "dev.json"):
        before = Base(previews={"dev": now}, limits=place)
        lines = "".join(f"\n\n- {line}" for line in (DISABLED, NAMED, LISTED))
        assert f"**Set by the change: 3 limits**{lines}" in as_comment([now], before)
        text = as_text([now], before)
        assert "Limits that the change sets" in text
        assert all(f"- {line}" in text for line in (DISABLED, NAMED, LISTED))


def test_limits_of_a_removed_file_become_the_defaults(tmp_path: Path, base: Path) -> None:
    comment = as_comment([preview(tmp_path, None)], Base(limits=base))
    assert "- short: maxMessageDays, 14 → default" in comment


def test_limits_that_stay_or_have_no_base_are_not_listed(tmp_path: Path, base: Path) -> None:
    same = preview(tmp_path, json.loads((base / "ours" / "dev.json").read_text(encoding="utf-8")))
    for before in (Base(limits=base), Base(), None):
        assert "Set by the change" not in as_comment([same], before)
