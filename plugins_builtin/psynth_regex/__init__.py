"""The domain of string-editing functions that match with regular expressions."""
