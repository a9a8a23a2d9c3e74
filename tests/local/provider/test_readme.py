import re
from pathlib import Path

import local.provider
from local.provider.functions import FUNCTIONS
from local.provider.table import TABLE

FOLDER = Path(local.provider.__file__).parent
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def types_by_service() -> str:
    """Return the expected table of the README."""
    services: dict[str, list[str]] = {}
    for token in sorted(TABLE):
        module, _, name = token.split(":")[1].partition("/")
        services.setdefault(module, []).append(f"{name[0].upper()}{name[1:]}")
    return "\n".join(f"| {service} | {', '.join(names)} |" for service, names in services.items())


def test_the_readme_lists_the_supported_types() -> None:
    assert types_by_service() in PAGE


def test_the_readme_lists_the_supported_data_sources() -> None:
    (listed,) = re.findall(r"^Data sources: (.*)\.$", PAGE, re.MULTILINE)

    assert re.findall(r"\w+", listed) == [token.rpartition(":")[2] for token in sorted(FUNCTIONS)]


def test_the_page_s_example_is_an_entry_of_the_table() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

    assert example in (FOLDER / "types" / "scheduler.py").read_text(encoding="utf-8")
