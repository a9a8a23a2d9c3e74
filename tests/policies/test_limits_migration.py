import json
from pathlib import Path

import pytest

from guardrails.__main__ import main
from guardrails.limits import load
from guardrails.limits_migration import migrated
from guardrails.limits_source import source_of
from guardrails.rules import RULES

OLD = '{\n  "$schema": "../limits.schema.json",\n  "log-retention-set": { "minRetentionDays": 7 }\n}\n'
NEW = (
    '{\n  "$schema": "../../limits.schema.json",\n  "version": 1,\n'
    '  "log-retention-set": { "minRetentionDays": 7 }\n}\n'
)


def test_a_folder_of_stacks_becomes_a_folder_of_projects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "dev.json"
    old.write_text(OLD, encoding="utf-8")
    assert main(["limits", "migrate", str(tmp_path), "--project", "ours"]) == 0
    new = tmp_path / "ours" / "dev.json"
    assert capsys.readouterr().out == f"{old} -> {new}\n1 file written.\n"
    assert new.read_text(encoding="utf-8") == NEW
    assert not old.exists()
    assert source_of("ours", "dev", tmp_path).path == new
    assert load(new, RULES) == {"log-retention-set": {"minRetentionDays": 7}}


def test_a_file_gets_its_version_and_keeps_its_place(tmp_path: Path) -> None:
    file = tmp_path / "limits.json"
    file.write_text(OLD, encoding="utf-8")
    for _ in range(2):
        assert main(["limits", "migrate", str(file)]) == 0
        assert file.read_text(encoding="utf-8") == NEW.replace("../../", "../")


@pytest.mark.parametrize(
    "text", ["{}", "{ }", '{"$schema": "./a.json"}', '{"a": {}}', '\n{\n\t"a": {}}', OLD, NEW]
)
def test_only_the_version_and_the_schema_s_path_change(text: str) -> None:
    before, after = json.loads(text), json.loads(migrated(text, 1))
    assert after.pop("version") == 1
    before.pop("version", None)
    schemas = [content.pop("$schema", "") for content in (before, after)]
    assert after == before
    assert schemas[1] == (f"../{schemas[0].removeprefix('./')}" if schemas[0] else "")


def test_nothing_is_written_if_a_file_cannot_be_migrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dev.json").write_text(OLD, encoding="utf-8")
    bad = tmp_path / "prod.json"
    for text, why in (("{", "is not a file of limits"), ("[]", "it is no object")):
        bad.write_text(text, encoding="utf-8")
        assert main(["limits", "migrate", str(tmp_path), "--project", "ours"]) == 1
        assert why in capsys.readouterr().err
    bad.unlink()
    assert main(["limits", "migrate", str(tmp_path)]) == 1
    assert "name theirs, as in --project NAME" in capsys.readouterr().err
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "dev.json").write_text(NEW, encoding="utf-8")
    assert main(["limits", "migrate", str(tmp_path), "--project", "ours"]) == 1
    assert "both" in capsys.readouterr().err
    assert (tmp_path / "dev.json").read_text(encoding="utf-8") == OLD
    assert main(["limits", "migrate", str(tmp_path / "none")]) == 1
    assert "holds no STACK.json" in capsys.readouterr().err
