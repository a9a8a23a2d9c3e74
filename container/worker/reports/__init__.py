"""Reports for people: a page of PDF for each region, and one page of HTML for a run."""
