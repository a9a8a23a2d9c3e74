"""The estimate of what a stack costs, expected and in the worst case, before anything is deployed.

Quantities and prices are decimals; money is never a float, and is rounded only when it is printed.
"""
