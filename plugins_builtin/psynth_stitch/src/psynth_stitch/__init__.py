"""The compress method ``stitch``: learns the abstractions that shorten a corpus most, step by step."""
