"""Lists: one declaration makes a page with filters, sort, paging, columns and rows."""
