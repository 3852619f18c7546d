"""Quality-diversity search: archives of elites, and evolution that fills them."""
