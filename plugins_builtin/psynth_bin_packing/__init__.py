"""The domain ``bin-packing``: priorities that decide which bin an item goes into, as the items come."""
