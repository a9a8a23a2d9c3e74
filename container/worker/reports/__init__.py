"""The reports: a PDF page for each region, and an HTML page for the run."""
