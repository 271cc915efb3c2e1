"""Reading a store through mapped files."""
