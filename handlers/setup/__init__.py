"""Guided set-up: takes a person through a guide one step at a time, and looks in Graph at the end."""
