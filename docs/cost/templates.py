"""The texts that figures are written into."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def template(name: str, package: str = "docs.cost") -> Template:
    """Return a template of a package by its name."""
    return _environment(package).get_template(name)


@cache
def _environment(package: str) -> Environment:
    return Environment(
        loader=PackageLoader(package, "."),
        # What is written into them is this project's own, and no page that runs anything.
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
