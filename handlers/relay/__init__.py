"""Talking to a person: a private chat on one side, a thread in the support channel on the other."""
