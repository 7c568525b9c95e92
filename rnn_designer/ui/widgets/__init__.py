"""Small widgets that several panels share: marks, switches, number fields, sections and messages."""
