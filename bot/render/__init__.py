"""From data to words, and from words to web pages and plain text."""
