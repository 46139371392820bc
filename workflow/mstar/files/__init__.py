"""Files whole or not at all, formats by their first bytes, tables, one-line errors of users."""
