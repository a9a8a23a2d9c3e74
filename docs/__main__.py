"""Writes what is made of the code: `make docs`."""

from docs.generated import write

write()
