"""The stand-in for the program of prod: it has the regions of prod's catalog, like the program itself."""

import json

from tests.golden_files import golden
from tests.stacks import CATALOG_NAME, ROOT

FOLDER = ROOT / "tests" / "programs" / "java_monitor" / "src"
HEAD = '"""The regions of the program, which does not use the pipeline\'s catalog."""'


def test_the_stand_in_knows_the_regions_of_the_catalog(update_golden: bool) -> None:
    catalog = json.loads((ROOT / "regions" / f"{CATALOG_NAME}.json").read_bytes())
    names = "".join(f'    "{region["name"]}",\n' for region in catalog["regions"])
    made = f"{HEAD}\n\nREGIONS = (\n{names})\n"
    assert golden("regions.py", made, update=update_golden, folder=FOLDER) == made
