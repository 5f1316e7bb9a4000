"""The rules of the device registry. They know no Telegram and no HTTP; both doors stand on them."""
