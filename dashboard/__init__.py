"""The template of the page about all runs, `reporter/dashboard/page.html`: its charts, its texts and its programs."""
