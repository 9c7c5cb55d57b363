"""The papers of a sale: receipts and credit notes, numbered without gaps, as a page and as a PDF."""
