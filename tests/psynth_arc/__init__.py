"""The domain of ARC: its task files, and its programs as straight-line Python."""
