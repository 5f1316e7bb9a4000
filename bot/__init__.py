"""Device registry bot: the program, its two front doors and the rules behind them."""
