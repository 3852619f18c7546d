"""The domain ``image``: programs that draw small pictures."""
