"""Everything with a widget in it. The window shows before NumPy or pyqtgraph is imported."""
