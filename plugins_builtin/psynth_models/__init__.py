"""Language models: endpoints, recorded answers, and folders of transformers."""
