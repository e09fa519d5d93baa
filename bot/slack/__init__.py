"""The Slack edge: requests in, the chat port out. Its quirks stay here."""
