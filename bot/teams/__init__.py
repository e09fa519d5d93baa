"""The Teams edge: activities in, the chat port out. Its quirks stay here."""
