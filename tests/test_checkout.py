"""Checks of the checkout as a whole."""

import re
import subprocess
import tomllib
from fnmatch import fnmatch

import pytest

from tests.stacks import ENVIRONMENTS, ROOT, stack_file


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [file for file in listing.stdout.split("\0") if file]


def test_generated_files_are_not_committed() -> None:
    made = re.compile(r"(^|/)(\.venv|\.local|build|__pycache__|node_modules|\.hypothesis)/")
    assert not [file for file in tracked() if made.search(file)]


@pytest.mark.parametrize(
    "name",
    [
        "service-account.json",
        "container/worker/service-account-prod.json",
        "credentials.json",
        "regions/application_default_credentials.json",
        "key.pem",
        "container/worker/tls.key",
        ".env",
        ".env.local",
    ],
)
def test_credentials_are_neither_committed_nor_copied_into_an_image(name: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", "--no-index", name], cwd=ROOT, check=False)
    assert ignored.returncode == 0
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    # The last matching pattern applies, and no later pattern includes a credential again.
    after = patterns[max(place for place, line in enumerate(patterns) if line.startswith("!")) :]
    last = name.rpartition("/")[2]
    assert any(fnmatch(last, pattern.removeprefix("**/")) for pattern in after if pattern.startswith("**/"))


def test_no_file_names_a_folder_of_a_developers_machine() -> None:
    private = re.compile(r"/(root|Users/\w+|home/(?!worker\b)\w+)/")
    for file in tracked():
        path = ROOT / file
        if path.exists() and path.suffix not in {".png", ".jpg", ".gz", ".sum"}:
            assert not private.search(path.read_text(encoding="utf-8")), file


@pytest.mark.parametrize(
    "name",
    ["requirements.txt", "requirements-dev.txt", "container/requirements.txt", "policies/requirements.txt"],
)
def test_a_lock_file_pins_every_package_by_its_digest(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert pinned
    assert all(re.match(r"[a-z0-9._-]+(\[[a-z0-9,._-]+\])?==\S+ (; .+ )?\\$", line) for line in pinned)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("requirements.txt", None),
        ("container/requirements.txt", "worker"),
        ("policies/requirements.txt", "policies"),
    ],
)
def test_a_lock_file_holds_the_required_packages(name: str, group: str | None) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["dependency-groups"][group] if group else project["project"]["dependencies"]
    locked = set(re.findall(r"^([a-z0-9._-]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
    for requirement in asked:
        assert re.split(r"[\[<>=]", requirement)[0] in locked


def test_the_stacks_are_those_with_a_file() -> None:
    files = {path.name for path in ROOT.glob("Pulumi.*.yaml")}
    assert files == {f"Pulumi.{environment}.yaml" for environment in ENVIRONMENTS}


def test_each_stack_has_an_account_of_its_own() -> None:
    accounts = [stack_file(environment)["ccapi:account"] for environment in ENVIRONMENTS]
    assert len(set(accounts)) == len(accounts)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_stack_of_aws_names_no_endpoint_and_no_credential(environment: str) -> None:
    assert [key for key in stack_file(environment) if key.startswith("aws:")] == ["aws:region"]


def test_the_local_stack_calls_this_machine_only() -> None:
    (endpoints,) = stack_file("local")["aws:endpoints"]
    assert {re.sub(r":\d+$", "", address) for address in endpoints.values()} == {"http://127.0.0.1"}
