"""The domain ``string``: vectors of numbers that spell a word."""
