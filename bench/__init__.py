"""Benchmarks of the README's claims on speed and size."""
