"""Benchmarks: ratios to a peer, or to a plain Python reference, measured in one run (`make bench`)."""
