"""The page on what the stacks cost, its picture, and the figures that both are made of."""
