"""The `each` workload: a program that is started once for each region, and reports by its exit code."""
