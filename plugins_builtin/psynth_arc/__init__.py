"""The domain of the Abstraction and Reasoning Corpus (ARC-AGI): grids of colors, and programs that change them."""
