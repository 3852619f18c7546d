"""What domains, methods and formats are, and how they are found."""
