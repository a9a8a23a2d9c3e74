"""The modules of pulumi_aws, one file each.

`import pulumi_aws.ec2` reads the 250 files of the package and takes a second, and the provider needs a few of them.
"""

import importlib
import re
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PACKAGE = "pulumi_aws"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def module_of(package: str, resource: str) -> ModuleType:
    """Return the module with a resource's class; raise `ImportError` if there is none.

    Args:
        package: the part of the resource's type before its name, such as `ec2`.
        resource: the name of its class.
    """
    home = f"{PACKAGE}.{package}{'_' if package == 'lambda' else ''}"
    # pulumi_aws reads a package when one of its attributes is first read. If that happens during the import of a file,
    # the package stays without the classes of this file.
    getattr(importlib.import_module(home), resource, None)
    return importlib.import_module(f"{home}.{_WORD.sub('_', resource).lower()}")


def leave_packages_empty() -> None:
    """Import a module of pulumi_aws without the others of its package, from now on and in the whole process."""
    sys.meta_path.insert(0, _EmptyPackages)


class _EmptyPackages:
    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] != PACKAGE:
            return None
        found = PathFinder.find_spec(name, path)
        if found is None or found.submodule_search_locations is None:
            return found
        empty = ModuleSpec(name, None, is_package=True)
        empty.submodule_search_locations = found.submodule_search_locations
        return empty
