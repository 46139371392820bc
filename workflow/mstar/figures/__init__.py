"""The paper's main figures, each made in two steps: the table that is drawn, then the picture.

Every module has ``table(...) -> DataFrame``, the numbers of the picture and no others, and
``draw(table, ...) -> Figure``, which adds nothing but ink; ``style.save`` writes the two together.
"""
