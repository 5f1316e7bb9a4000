"""What is kept and how. Knows no Telegram, no HTTP and no rules; queries take a session and never commit."""
