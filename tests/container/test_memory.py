from pathlib import Path

import pytest

from worker.memory import MemoryWatch


def groups(root: Path, **files: str) -> Path:
    folder = root / "sys" / "fs" / "cgroup"
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


@pytest.mark.parametrize("file", ["memory_dot_events", "memory__memory_dot_oom_control"])
@pytest.mark.parametrize(("after", "short"), [(2, False), (3, True)])
def test_memory_was_short_if_the_kernel_has_killed_a_process_since(
    tmp_path: Path, file: str, after: int, *, short: bool
) -> None:
    watch = MemoryWatch(groups(tmp_path, **{file: "oom 1\noom_kill 2\n"}))
    groups(tmp_path, **{file: f"oom 1\noom_kill {after}\n"})
    assert watch.was_short() == short
    assert str(watch) == f"the kernel counts {after - 2} kills for it"


@pytest.mark.parametrize(("peak_mib", "short"), [(1000, False), (2040, True)])
def test_memory_was_short_if_the_peak_is_near_the_limit_and_events_are_not_counted(
    tmp_path: Path, peak_mib: int, *, short: bool
) -> None:
    files = {"memory_dot_peak": str(peak_mib * 1024**2), "memory_dot_max": str(2048 * 1024**2)}
    watch = MemoryWatch(groups(tmp_path, **files))
    assert watch.was_short() == short
    assert str(watch) == f"at most {peak_mib:,} of 2,048 MiB were in use"


def test_without_kernel_counters_memory_was_not_short(tmp_path: Path) -> None:
    watch = MemoryWatch(groups(tmp_path, memory_dot_max="max\n"))
    assert not watch.was_short()
    assert str(watch) == "the kernel has no counters of it"
