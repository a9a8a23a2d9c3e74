"""The URNs of all resources: a changed type, name or parent creates the resource anew and then deletes the old one.

Both have the same name in AWS. The golden files make such a change deliberate; it needs an alias
(https://www.pulumi.com/docs/iac/concepts/options/aliases/).
"""

import pytest

from tests.components.deployment import deployed
from tests.components.urns import Node, tree
from tests.golden_files import golden
from tests.stacks import ENVIRONMENTS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_resource_keeps_its_type_its_name_and_its_parent(environment: str, update_golden: bool) -> None:
    resources = deployed(environment).resources
    found = tree({urn: Node(item.type, item.name, item.parent) for urn, item in resources.items()})
    assert golden(f"urns.{environment}.txt", found, update=update_golden) == found
