import re
import stat
from pathlib import Path

from local.aws import LocalAws
from local.emulator.access_keys import KEYS, AccessKeys, write_files
from local.emulator.callers import Caller, Kind

TASK, OTHER = Caller(Kind.TASK, "one"), Caller(Kind.TASK, "two")


def test_every_key_is_unique_and_has_the_format_of_aws() -> None:
    keys = AccessKeys()
    drawn = {keys.issue(Caller(Kind.TASK, str(number))) for number in range(100)}
    assert len(drawn) == 100
    assert all(re.fullmatch("AKIA[A-Z2-7]{32}", key) for key in drawn)


def test_a_key_ends_with_its_task_or_with_the_next_one() -> None:
    keys = AccessKeys()
    first, other = keys.issue(TASK), keys.issue(OTHER)
    assert (keys.holder(first), keys.holder(other)) == (TASK, OTHER)

    second = keys.issue(TASK)
    assert (keys.holder(first), keys.holder(second)) == (None, TASK)

    keys.revoke(TASK)
    keys.revoke(TASK)
    assert (keys.holder(second), keys.holder(other)) == (None, OTHER)


def test_each_change_is_passed_on_and_can_be_restored() -> None:
    keys, restored = AccessKeys(), AccessKeys()
    keys.on_change = restored.restore
    first, other = keys.issue(TASK), keys.key_of(OTHER)
    assert keys.key_of(OTHER) == restored.key_of(OTHER) == other
    keys.revoke(TASK)
    assert (restored.holder(first), restored.holder(other)) == (None, OTHER)


def test_the_files_hold_a_key_of_the_developer_and_one_of_the_agent(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    write_files("http://127.0.0.1:5000", folder)

    developer, agent = (LocalAws.read(folder / f"{name}.env") for name in ("developer", "agent"))
    header = (folder / "developer.header").read_text()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}

    assert KEYS.holder(developer.access_key_id) == Caller(Kind.DEVELOPER)
    assert KEYS.holder(agent.access_key_id) == Caller(Kind.AGENT)
    assert header == f"Authorization: {developer.authorization}\n"
    assert modes == {
        "credentials": 0o700,
        "developer.env": 0o600,
        "agent.env": 0o600,
        "developer.header": 0o600,
    }
