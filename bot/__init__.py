"""The running machine: edges, settings, rendering, clock, schedule."""
