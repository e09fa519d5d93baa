"""Measures the product beside a bare baseline, in one run: ratios, since machines differ."""
