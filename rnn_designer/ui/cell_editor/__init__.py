"""Writing cells by hand: the code editor, the drafts that it keeps, and the question whether code may run."""
