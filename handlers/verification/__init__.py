"""Verifying the requester: who may have a pass at all, what counts as proof, and when it is enough."""
