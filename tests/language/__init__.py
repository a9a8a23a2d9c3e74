"""The check of the project's language: words and openings that hide who does what are refused in new text."""
