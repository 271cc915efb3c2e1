"""Results as pages, tables, plots and files of other tools."""
