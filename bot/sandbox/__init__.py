"""Emulators of Slack, Entra and Graph, and the story played on them. Only the command line comes here."""
