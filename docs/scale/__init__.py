"""The page docs/scale.md and its picture."""
