"""The rollout: the plan of activation days, the reminders before them, and how far it has come."""
