"""One module for each figure, under its name: ``table`` makes its numbers, ``draw`` the picture."""
