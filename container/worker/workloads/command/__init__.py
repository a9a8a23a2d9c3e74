"""The `command` workload: an existing program, run as it is, and judged by what it leaves behind."""
