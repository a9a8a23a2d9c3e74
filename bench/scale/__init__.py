"""Runs of 29 to 29,000 regions: real ones on this machine, and simulated ones that are checked against them."""
