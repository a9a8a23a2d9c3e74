"""The page docs/cost.md, its picture, and the cost figures that both show."""
