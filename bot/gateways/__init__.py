"""What goes out besides chat: text messages and mail, and where the addresses for them are held."""
