"""How fast the program is, beside something else on the same machine in the same run. Nothing is measured in pytest."""
