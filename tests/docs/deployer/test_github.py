from pathlib import Path

import pytest

from docs.deployer import __main__ as command
from docs.deployer.github import trust_policies
from docs.deployer.page import names_of


def test_each_role_trusts_the_jobs_of_one_environment_only() -> None:
    found = trust_policies(names_of("prod"), "owner/repository")
    subjects = {}
    for name, policy in found.items():
        (statement,) = policy["Statement"]
        assert statement["Condition"].keys() == {"StringEquals"}
        equals = {
            key.rpartition(":")[2]: value for key, value in statement["Condition"]["StringEquals"].items()
        }
        assert equals["aud"] == "sts.amazonaws.com"
        subjects[name] = equals["sub"]
    assert subjects == {
        "trust-deploy": "repo:owner/repository:environment:prod",
        "trust-preview": "repo:owner/repository:environment:prod-preview",
    }


def run(repository: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["python -m docs.deployer", "dev", "--github", repository])
    monkeypatch.setattr(command, "_FOLDER", folder)
    return command.main()


def test_the_command_writes_the_trust_policies_of_a_repository(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("owner/repository", tmp_path, monkeypatch) == 0
    trust = (tmp_path / "dev-trust-preview.json").read_text(encoding="utf-8")
    assert "repo:owner/repository:environment:dev-preview" in trust


@pytest.mark.parametrize("repository", ["owner", "owner/*", "*/repository"])
def test_a_repository_is_named_with_its_owner_and_without_a_pattern(
    repository: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as refused:
        run(repository, tmp_path / "iam", monkeypatch)
    assert refused.value.code == 2
    assert not (tmp_path / "iam").exists()
