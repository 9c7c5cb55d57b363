"""Rows of somebody's own file, CSV or XLSX: read, checked cell by cell, rehearsed, then written as a whole or refused.

`files` reads a file into a grid of cells, `rows` gives its rows by the names of columns, `running` lets an `Importer`
rehearse or write them, and `keeping` holds a file between the two. The screens stand in `trufan.lib.console.importing`.
"""
