"""The commands of ``tofaktor``, one module per subject: each parses, calls one function, and prints."""
