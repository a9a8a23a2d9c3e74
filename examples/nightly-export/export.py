"""Writes the sales of one shop as a CSV file."""

import csv
import os
import random
import sys
from pathlib import Path

shop = sys.argv[1]
print(f"exporting {shop}")
with (Path(os.environ["OUTPUT_DIR"]) / "sales.csv").open("w", newline="") as file:
    sales = csv.writer(file)
    sales.writerow(["shop", "hour", "cents"])
    sales.writerows([shop, hour, random.Random(f"{shop}{hour}").randrange(90_000)] for hour in range(24))  # noqa: S311
