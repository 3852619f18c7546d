"""What draws: tables, pictures, plots and reports."""
