"""Numbers as in English: a table and the fields of a form read alike in every language."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
