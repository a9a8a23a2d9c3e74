"""What a stack will cost, and what it could cost at worst, before it exists.

Nothing here uses floating point for money: quantities and prices are decimals, and are rounded only when printed.
"""
