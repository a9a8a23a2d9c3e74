import ast
import subprocess
import sys

from tests.stacks import ROOT

FILES = sorted((ROOT / "reporter").glob("**/*.py"))
RUNTIME = {"boto3", "botocore", "reporter"}


def test_the_function_imports_only_modules_of_the_lambda_runtime() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [str(node.module)]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            # Types of boto3, which only mypy imports.
            roots = {root for name in names if not (root := name.partition(".")[0]).startswith("mypy_boto3_")}
            assert roots <= sys.stdlib_module_names | RUNTIME, path


def test_the_start_imports_no_other_room_and_creates_no_client() -> None:
    code = (
        "import sys, reporter.handler; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}"
        " & {'components', 'local', 'worker', 'mypy_boto3_s3', 'pydantic', 'jinja2'}),"
        " reporter.handler._reporter.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0"]
