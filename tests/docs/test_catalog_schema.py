import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from docs.catalog_schema import page
from tests.stacks import ROOT

SCHEMA = json.loads(page())
CATALOGS = [path for path in sorted((ROOT / "regions").glob("*.json")) if not path.stem.endswith(".coast")]


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_every_catalog_fits_the_schema_that_it_names(path: Path) -> None:
    catalog = json.loads(path.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(SCHEMA).iter_errors(catalog)) == []
    assert (path.parent / catalog["$schema"]).resolve() == ROOT / "schemas" / "catalog.json"


def test_a_key_that_is_not_known_is_marked() -> None:
    catalog = {"title": "Island", "extent": [0, 0, 1, 1], "regions": [{"name": "south", "province": "x"}]}
    found = {error.message for error in Draft202012Validator(SCHEMA).iter_errors(catalog)}
    assert "Additional properties are not allowed ('province' was unexpected)" in found
