"""The Python SDK's messages of the language host's protocol, imported without the rest of the SDK.

A normal import loads the whole SDK, which takes a third of a second, twice for every operation: the engine starts one
host to get the Python version, and another to run the program.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["analyzer_pb2", "language_pb2", "language_pb2_grpc", "plugin_pb2"]

if TYPE_CHECKING:
    from pulumi.runtime.proto import analyzer_pb2, language_pb2, language_pb2_grpc, plugin_pb2
else:
    package = ModuleType("pulumi_protocol")
    sdk = importlib.util.find_spec("pulumi")
    package.__path__ = [str(Path(sdk.origin).parent / "runtime" / "proto")]
    sys.modules[package.__name__] = package
    analyzer_pb2, language_pb2, language_pb2_grpc, plugin_pb2 = (
        importlib.import_module(f"{package.__name__}.{name}")
        for name in ("analyzer_pb2", "language_pb2", "language_pb2_grpc", "plugin_pb2")
    )
