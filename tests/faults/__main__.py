"""`python -m tests.faults`: plays the rows of the fault matrix and prints them."""

import sys
from tests.faults.matrix import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
