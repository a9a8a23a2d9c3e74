"""The JSON Schema of a catalog, generated from the worker's model; editors use it to complete and check the file."""

import json

from worker.catalog import CatalogFile


def page() -> str:
    """Return the schema as a file."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **CatalogFile.model_json_schema(by_alias=True),
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"
