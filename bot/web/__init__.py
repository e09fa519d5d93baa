"""The web edge: the pages of a case, health, and what protects them."""
