"""The page docs/metrics.md."""
