"""Every feature and every rule. Knows no platform."""
