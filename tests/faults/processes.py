"""The rows of the fault matrix that need real processes."""


def main() -> int:
    return 0
