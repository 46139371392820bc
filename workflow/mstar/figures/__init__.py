"""One module for each figure: ``table`` makes its numbers, ``draw`` the picture."""
