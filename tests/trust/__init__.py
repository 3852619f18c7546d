"""What users, authors of plugins and hostile input tripped over, one module for each account."""
