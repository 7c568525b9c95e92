"""Everything that is seen of training: its settings, how it goes, its epochs and its runs."""
