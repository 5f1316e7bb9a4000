# The words of the bot in English: the complete set, which other languages follow.
#
# Messages are Telegram HTML: & < > stand as &amp; &lt; &gt;, and only the tags seen here are allowed.
# Buttons (button-…) and toasts (toast-…) are plain text. A button of which a message speaks has the same words there.
# { $name } of a device comes isolated for its owner; a time never stands inside <b>, <i> or <tg-spoiler>.
# Sentences with a time must read well with "in 42 seconds" and "2 hours ago" as well as with the fallbacks below.

## Times, for apps that cannot show their own

time-r = { $day } { month-short }, { $minutes } UTC
time-t = { $minutes } UTC
time-T = { $seconds } UTC
time-D = { $day } { month-long } { $year }
time-wDt = { weekday-short } { $day } { month-long }, { $minutes } UTC
time-within = within { $span }

month-short =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }
month-long =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
weekday-short =
    { $weekday ->
        [1] Mon
        [2] Tue
        [3] Wed
        [4] Thu
        [5] Fri
        [6] Sat
       *[7] Sun
    }

duration-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }

## Buttons

button-register = ➕ Register a device
button-devices = 📟 My devices
button-help = ❓ Help
button-back = Back
button-cancel = Cancel
button-copy-id = 📋 Copy device ID
button-show-secret = 🔑 Show secret
button-copy-secret = 📋 Copy secret
button-saved = ✅ I saved it
button-try-again = 🔁 Try again
button-new-secret = 🔄 New secret
button-token = 🔑 API token
button-copy-token = 📋 Copy token
button-sign-out = 🚪 Sign out everywhere
button-set-up = 🛠 Set up
button-file = 📄 { $name }
button-rename = ✏️ Rename
button-revoke = 🚫 Revoke
button-revoke-now = 🚫 Yes, revoke
button-open = 📟 Open device
button-open-named = 📟 Open “{ $name }”
button-use-name = Use “{ $name }”
button-previous = ◀️ Previous
button-next = ▶️ Next
button-search = 🔎 Search
button-active = Active ({ $count })
button-revoked = ⛔ Revoked ({ $count })
button-stop-at-once = Stop at once
button-private-chat = 💬 Open private chat
button-no-reason = No reason
button-owned = { $name } · { $owner }

## General

welcome = <b>Welcome, { $name }.</b>
welcome-how =
    Here you register your trading terminals. Each gets a secret of its own, which you see once.
menu-devices =
    { $count ->
        [one] <b>{ $count } device</b>
       *[other] <b>{ $count } devices</b>
    }
menu-seen =
    { $count ->
        [0] none seen today
       *[other] { $count } seen today
    }
menu-never = { $count } never connected
suspended = Your access is paused by an admin. Your devices cannot connect until it is resumed.
contact = Questions? Write to { $contact }.

help-what =
    <b>What I do</b>
    I register your trading terminals. Each gets a secret of its own, which you see once, for { $span }.
help-commands =
    /register – add a device
    /devices – see and manage your devices
    /rename – change a name
    /rotate – get a new secret
    /revoke – switch a device off for good
    /token – a 15-minute key for your own tools
    /invite – let somebody share your devices
    /language – choose the language
    /id – your Telegram ID
    /cancel – stop what we are doing
help-admin =
    <b>For admins</b>
    /admin – what admins can do
    /clients [text] – all clients, or those whose names, IDs or devices begin with it
    /client &lt;id, Telegram ID or @username&gt; – one client's card
    /revoke &lt;device id&gt; [reason] – revoke anybody's device
    /invite – let somebody in
    /admins – see, name and remove admins
    /notices – choose what I tell you
    /suspend [client] [reason] – pause a client
    /resume [client] [reason] – let a paused client go on
    /audit [client or device] – what was done, and by whom
    /stats – how much there is
help-good =
    <b>Good to know</b>
    • Lost a secret? Take a new one. Nobody can look up the old one.
    • I never ask for a secret. Send me one by mistake, and I delete it.
    • Chats with bots are not end-to-end encrypted, and altered apps can keep deleted messages. In doubt, take a new secret.
own-id = Your Telegram ID: <code>{ $id }</code>
unknown-command = I do not know that command. /help shows all.
not-understood = I did not understand that. You can:
group = I only talk in private, so that nobody else sees your secrets.
slow-down = You are faster than I am. Please slow down and send that again.

## The language

button-language = 🌐 Language
button-language-chosen = ✓ { $name }
button-language-as-app = 📱 As my app
language-name = English
language-ask = <b>In which language shall I write to you?</b>
language-now = Now: <b>{ $name }</b>.
language-follows = Now: <b>{ $name }</b>. I follow the language of your Telegram app, where I speak it.
command-language = Choose the language

## Registration

ask-name =
    What shall I call it? Send me a name, for example <b>VPS Frankfurt</b>.
    You can change it later.
name-blank = A name needs at least one visible character. Send me a name.
name-too-long = That name has { $count } characters; { $limit } is the most. Send me a shorter one.
name-control = A name fits on one line and has no control characters. Send me another one.
name-secret = That contains a device secret, which must never be a name. Send me another one.
name-not-text = Please send the name as text.
name-taken =
    You already have a device called <b>{ $name }</b>. Send me another name, or take this one:
limit-reached = You have { $count } of { $limit } devices. Revoke one you no longer use to make room.
cancelled = Cancelled.
stopped = Stopped: you asked for something else.
nothing-registered = Nothing was registered.
nothing-to-cancel = There is nothing to cancel.

## The life of a secret message

card-register =
    <b>{ $name }</b> is almost ready.

    1. Open this chat on the computer your terminal runs on.
    2. Copy the device ID and paste it into the terminal's settings.
    3. Tap <b>Show secret</b>. You see it once, for { $span }.
card-until = This card is good until { $until }.
card-rotate = A new secret for <b>{ $name }</b> is waiting.
card-once = You see it once, for { $span }.
card-old-works = The old one then works for { $overlap } more, or until the new one connects.
card-old-stops = The old one then stops working at once.
card-both-stop = Both secrets in use then stop working at once.
card-oldest-stops = The older of the two secrets in use stops as soon as you see this one.
card-cancel = Cancel, and nothing changes.
card-name-taken = The name <b>{ $name }</b> was taken meanwhile.
card-limit-reached =
    { $limit ->
        [one] You reached your limit of { $limit } device meanwhile.
       *[other] You reached your limit of { $limit } devices meanwhile.
    }
card-no-room = You reached your limit of devices meanwhile.
card-expired = ⌛ This card for <b>{ $name }</b> has expired.
card-outdated = This card for <b>{ $name }</b> is no longer good: a newer one took its place.
card-withdrawn = This card for <b>{ $name }</b> is no longer good.
card-revoked = <b>{ $name }</b> was revoked meanwhile and gets no new secret.
old-keeps-working = The old secret keeps working.

secret-of = 🔑 The secret of <b>{ $name }</b>
secret-new-of = 🔑 The new secret of <b>{ $name }</b>
secret-itself = <tg-spoiler>{ $secret }</tg-spoiler>
secret-how =
    Copy it, paste it into your terminal, then tap <b>I saved it</b>.
    This message disappears { $until }. Nobody can show you this secret again.
secret-removed = 🔒 The secret was here. It has been removed.
secret-unconfirmed =
    ⚠️ Telegram did not confirm that you could see the secret of <b>{ $name }</b>, so I threw it away.
secret-interrupted = ⚠️ I was restarted while showing you the secret of <b>{ $name }</b>, so I threw it away.
secret-superseded =
    ⚠️ Something changed while I was showing you the secret of <b>{ $name }</b>, so I threw it away.
secret-never-works = It will never work, even if you copied it.
secret-stuck =
    ⚠️ I could not remove the message with the secret of <b>{ $name }</b>. Please delete it yourself.
secret-keep-trying = I keep trying.

receipt-registered = ✅ <b>{ $name }</b> is registered.
receipt-registered-cancelled = ✅ <b>{ $name }</b> stays registered; I removed its secret from the screen.
receipt-rotated = 🔄 <b>{ $name }</b> has a new secret.
receipt-rotated-cancelled = 🔄 <b>{ $name }</b> keeps its new secret; I removed it from the screen.
receipt-fingerprints = New fingerprint: <code>{ $new }</code> · old: <code>{ $old }</code>
receipt-shown = The secret was shown at { $at } and removed after { $span }.
receipt-shown-interrupted =
    The secret was shown at { $at } and removed after { $span } instead of { $planned }, because I was restarted. If somebody else could see your screen, tap <b>New secret</b>.
receipt-new-shown = It was shown at { $at } and removed after { $span }.
receipt-new-shown-interrupted =
    It was shown at { $at } and removed after { $span } instead of { $planned }, because I was restarted. If somebody else could see your screen, tap <b>New secret</b>.
receipt-next = I will tell you when it first connects. Did not save the secret? Tap <b>New secret</b>.
first-login-unknown = 🟢 <b>{ $name }</b> connected for the first time. All set.
first-login = 🟢 <b>{ $name }</b> connected for the first time, from <code>{ $address }</code>. All set.
old-works-until = The old secret works until { $until }, or until the new one connects.
old-stopped = The old secret has stopped working.

## Setting a terminal up

setup-title = 🛠 <b>Set up { $name }</b>
setup-allow =
    <b>MetaTrader 5</b>
    1. Tools → Options → Expert Advisors: tick <i>Allow WebRequest for listed URL</i> and add the address below.
setup-address = <code>{ $address }</code>
setup-include = 2. Save <i>DeviceAuth.mqh</i> in the folder <i>MQL5/Include</i> of your terminal (File → Open Data Folder).
setup-secret = 3. Put the secret into a text file in <i>MQL5/Files</i>, and give your expert advisor the device ID.
setup-python =
    <b>Python</b>
    Save <i>device_auth.py</i> beside your script and the secret in a file of its own; the address is <code>{ $address }</code>.

## API tokens

token-card =
    An <b>API token</b> for your own tools is waiting.

    You see it once, for { $span }. It works for { $life }, for all of your devices.
    Whoever has it can do with your devices what you can.
token-none-made = No token was made.
token-expired = ⌛ This card for an API token has expired.
token-outdated = This card for an API token is no longer good: a newer one took its place.
token-withdrawn = This card for an API token is no longer good.
token-others-work = Your other tokens still work.

token-title = 🔑 Your <b>API token</b>
token-how =
    Copy it, paste it into your tool, then tap <b>I saved it</b>.
    This message disappears { $until }. Nobody can show you this token again.
token-unconfirmed =
    ⚠️ Telegram did not confirm that you could see your API token, so I threw it away.
token-interrupted = ⚠️ I was restarted while showing you your API token, so I threw it away.
token-superseded = ⚠️ Something changed while I was showing you your API token, so I threw it away.
token-stuck = ⚠️ I could not remove the message with your API token. Please delete it yourself.

token-receipt = ✅ You have a new <b>API token</b>.
token-receipt-cancelled = ✅ You keep your new <b>API token</b>; I removed it from the screen.
token-shown = It was shown at { $at } and removed after { $span }.
token-shown-interrupted =
    It was shown at { $at } and removed after { $span } instead of { $planned }, because I was restarted. If somebody else could see your screen, tap <b>Sign out everywhere</b>.
token-works-until = It works until { $until }.
token-over = It has expired since.
token-signed-out = 🚪 All API tokens are void since { $at }. Take a new one when you need it.

token-pasted-deleted =
    🗑 I deleted your message: it contained an API token. Whoever saw it can do with your devices what you can, until it expires. In doubt, sign out everywhere.
token-pasted-not-deleted =
    ⚠️ Your message contains an API token, and I could not delete it. Please delete it yourself now. In doubt, sign out everywhere.

## Devices

devices-heading = <b>Your devices</b> · { $count } of { $limit }
devices-heading-revoked = <b>Revoked devices</b> · { $count }
devices-none = You have no devices yet.
devices-none-left = You have no devices now.
devices-none-revoked = You have no revoked devices.
devices-which = Which device?
devices-found = <b>{ $count } found</b> for <b>{ $term }</b>
devices-not-found = Nothing found for <b>{ $term }</b>.
devices-ask-term = Send me part of a name, or a fingerprint.
devices-seen = <b>{ $name }</b> · seen { $at }
devices-never = <b>{ $name }</b> · never connected
devices-revoked = <b>{ $name }</b> · revoked { $at }

device-title = <b>{ $name }</b>
device-id = Device ID: <code>{ $id }</code>
device-fingerprint = Fingerprint: <code>{ $fingerprint }</code>
device-registered = Registered { $on }
device-seen = Seen { $at }
device-seen-from = Seen { $at } from <code>{ $address }</code>
device-never = Never connected.
device-never-yet = Never connected. <b>Set up</b> shows the steps.
device-overlap =
    The old secret <code>{ $fingerprint }</code> works until { $until }, or until the new one connects.
device-revoked-by-you = Revoked { $at } by you.
device-revoked-by-admin = Revoked { $at } by an admin.
device-revoked-by-admin-because = Revoked { $at } by an admin: <i>{ $reason }</i>

rename-ask = Send me the new name for <b>{ $name }</b>.
renamed = ✏️ <b>{ $old }</b> is now called <b>{ $new }</b>. Your terminal needs no change.
rename-same = It is already called <b>{ $name }</b>.
rename-revoked = <b>{ $name }</b> was revoked meanwhile and keeps its name.
rename-cancelled = Cancelled. The name stays.

## A new secret

rotate-ask = <b>A new secret for { $name }</b>
rotate-how-long =
    How long shall the old one keep working after you have seen the new one?
    In any case it stops as soon as the new one connects.

## Revoke

revoke-ask = <b>Revoke { $name }?</b>
revoke-for-good = It stops working at once, and for good.
revoke-seen = It was last seen { $at }.
revoke-never = It has never connected.
revoke-name-free = Its name becomes free again.
revoked = ⛔ <b>{ $name }</b> is revoked since { $at }. Every request after that moment is refused.
revoked-already-by-you = ⛔ <b>{ $name }</b> was already revoked { $at }, by you.
several-match = { $count } devices begin with <code>{ $id }</code>. Which one?
revoked-already-by-admin = ⛔ <b>{ $name }</b> was already revoked { $at }, by an admin.

## What admins do, and what owners read of it

admin-revoke-ask = <b>Revoke this device?</b>
admin-device = Device: <code>{ $name }</code> (<code>{ $id }</code>)
admin-owner = Owner: <code>{ $owner }</code>
admin-owner-username = Owner: <code>{ $owner }</code> @{ $username }
admin-owner-reads = The owner will read: <i>{ $reason }</i>
admin-ask-reason = Why? The owner will read it.
admin-revoked =
    ⛔ <code>{ $name }</code> (<code>{ $id }</code>) of <code>{ $owner }</code> is revoked since { $at }. I am telling the owner.
admin-revoked-ownerless = ⛔ <code>{ $name }</code> (<code>{ $id }</code>) is revoked since { $at }.
admin-already-revoked = ⛔ <code>{ $name }</code> was revoked { $at }.
admin-already-revoked-by = ⛔ <code>{ $name }</code> was revoked { $at } by <code>{ $admin }</code>.
admin-cancelled = Cancelled. Nothing was revoked.
admin-unknown = I know no device with the ID <code>{ $id }</code>.
admin-owner-unreachable = The owner of <code>{ $name }</code> could not be told: they have blocked me.
admin-secret-stuck =
    ⚠️ I could not remove the message with the secret of <code>{ $name }</code> (<code>{ $id }</code>) from the chat of <code>{ $telegram_id }</code>. Its owner has been asked to delete it.
admin-token-stuck =
    ⚠️ I could not remove the message with an API token from the chat of <code>{ $telegram_id }</code>. Its owner has been asked to delete it.
reason-lost = Lost or stolen
reason-leaked = Secret leaked
reason-unneeded = No longer needed

owner-revoked = ⛔ An admin revoked your device <b>{ $name }</b> at { $at }.
owner-revoked-reason = Reason: <i>{ $reason }</i>
owner-revoked-next = It can no longer connect. If you still need it, register it again: it gets a new secret.
owner-unknown = You have no device with the ID <code>{ $id }</code>.

## Groups, and many devices at once

button-group = 🗂 Group
button-no-group = No group
button-select = ☑️ Select several
button-picked = ✅ { $name }
button-unpicked = ▫️ { $name }
button-whole-group = 🗂 A whole group
button-revoke-picked = 🚫 Revoke ({ $count })
button-regroup-picked = 🗂 Group ({ $count })
button-yes-regroup = 🗂 Yes, change it

device-group = Group: <b>{ $group }</b>
device-group-none = Group: none

group-ask = Which group shall <b>{ $name }</b> be in?
group-ask-several =
    { $count ->
        [one] Which group shall this device be in?
       *[other] Which group shall these { $count } devices be in?
    }
group-how = Choose one, or send me the name of a new one.
group-how-first = Send me a name for it.
group-set = 🗂 <b>{ $name }</b> is now in the group <b>{ $group }</b>.
group-left = 🗂 <b>{ $name }</b> is now in no group.
group-cancelled = Cancelled. The group stays.
group-not-text = Please send the name of the group as text.
group-revoked = <b>{ $name }</b> was revoked meanwhile and keeps its group.

select-heading = <b>Select devices</b> · { $count } selected
select-how = Tap a device to select it, or again to leave it out. Then choose what to do with all of them.
select-groups = Which group? All of its devices will be selected.

several-revoke-ask =
    { $count ->
        [one] <b>Revoke { $count } device?</b>
       *[other] <b>Revoke { $count } devices?</b>
    }
several-revoke-for-good =
    { $count ->
        [one] It stops working at once, and for good.
       *[other] They stop working at once, and for good.
    }
several-regroup-ask =
    { $count ->
        [one] Put { $count } device into the group <b>{ $group }</b>?
       *[other] Put { $count } devices into the group <b>{ $group }</b>?
    }
several-ungroup-ask =
    { $count ->
        [one] Take { $count } device out of its group?
       *[other] Take { $count } devices out of their groups?
    }
several-named = • <b>{ $name }</b>
several-more = … and { $count } more
several-revoked =
    { $count ->
        [one] ⛔ { $count } device is revoked since { $at }. Every request after that moment is refused.
       *[other] ⛔ { $count } devices are revoked since { $at }. Every request after that moment is refused.
    }
several-regrouped =
    { $count ->
        [one] 🗂 { $count } device is now in the group <b>{ $group }</b>.
       *[other] 🗂 { $count } devices are now in the group <b>{ $group }</b>.
    }
several-ungrouped =
    { $count ->
        [one] 🗂 { $count } device is now in no group.
       *[other] 🗂 { $count } devices are now in no group.
    }
several-unchanged = Nothing was changed.
several-already =
    { $count ->
        [one] { $count } device was revoked already.
       *[other] { $count } devices were revoked already.
    }

## A new secret, later

secret-used =
    ✅ <b>{ $name }</b> connected with its new secret, from <code>{ $address }</code>. The old one has stopped working.
secret-used-unknown = ✅ <b>{ $name }</b> connected with its new secret. The old one has stopped working.
overlap-ends-soon =
    ⏳ <b>{ $name }</b> still uses its old secret, which stops { $at }. Put the new one into your terminal, or take another one.
overlap-ended = ⚠️ The old secret of <b>{ $name }</b> has stopped working, and the new one has not connected yet.
time-in-one-hour = in one hour

## Secrets in a message to the bot

button-new-secret-of = 🔄 New secret · { $name }
button-revoke-of = 🚫 Revoke · { $name }

pasted-own = 🗑 I deleted your message: it contained the secret of <b>{ $name }</b>.
pasted-own-danger = Whoever saw it can pretend to be your device. Please take a new one.
pasted-own-revoked = That device is revoked, so the secret works nowhere.
pasted-several = 🗑 I deleted your message: it contained secrets of your devices.
pasted-one-of = • <b>{ $name }</b>
pasted-one-of-revoked = • <b>{ $name }</b>, which is revoked
pasted-several-danger = Whoever saw them can pretend to be your devices. Please take new ones.
pasted-others = It contained another device secret too.
secret-deleted = 🗑 I deleted your message: it contained a device secret. Please never send one in a chat, not even to me.
secret-not-deleted =
    ⚠️ Your message contains a device secret, and I could not delete it. Please delete it yourself now.
still-waiting = I am still waiting for the name.
still-waiting-group = I am still waiting for the name of the group.
still-waiting-term = I am still waiting for what to search for.
secret-leaked =
    ⚠️ Somebody sent me the secret of your device <b>{ $name }</b>, so they know it. Please take a new one now.
admin-secret-leaked =
    ⚠️ <code>{ $sender }</code> (<code>{ $telegram_id }</code>) sent me the secret of <code>{ $name }</code> (<code>{ $id }</code>), which is another client's device. Its owner has been warned.

## Clients, for admins

button-admin = 🛡 Admin
button-clients = 👥 Clients
button-open-client = 👤 Open client
button-client-devices = 📟 Devices ({ $count })
button-revoke-all = 🚫 Revoke all
button-suspend = ⏸ Pause
button-suspend-now = ⏸ Yes, pause
button-resume = ▶️ Resume
button-resume-now = ▶️ Yes, resume
button-limit = 🔢 Device limit
button-limit-standard = As everybody ({ $limit })
button-audit = 📜 Audit
button-forget = 🗑 Forget
button-stats = 📊 Figures
button-count-again = 🔁 Count again
button-newer = ◀️ Newer
button-older = ▶️ Older

admin-menu =
    <b>For admins</b>
    Find a client, see what was done, or how much there is.

clients-heading = <b>Clients</b>, the newest first
clients-none = There are no clients yet.
clients-none-suspended = Nobody is paused.
clients-which-suspend = Which client shall be paused?
clients-which-resume = Which client shall go on?
clients-found = <b>Found</b> for <code>{ $term }</code>
clients-not-found = Nothing begins with <code>{ $term }</code>: no name, no username, no Telegram ID and no device.
clients-ask-term = Send me the beginning of a name, an @username, a Telegram ID or a device's name.
clients-several = Several clients fit <code>{ $id }</code>. Which one?
clients-unknown = I know no client <code>{ $id }</code>.
client-gone = That client is no longer here.
client-cancelled = Cancelled. Nothing was changed.

client-row = <code>{ $name }</code>
client-row-username = <code>{ $name }</code> @{ $username }
client-row-matched = <code>{ $text }</code>
client-row-suspended = ⏸ paused

client-title = 👤 <code>{ $name }</code>
client-named = Client: <code>{ $client }</code>
client-id = Client ID: <code>{ $id }</code>
client-active = Active
client-suspended = ⏸ Paused
client-suspended-at = ⏸ Paused { $at }
client-suspended-by = ⏸ Paused { $at } by <code>{ $admin }</code>
client-reason = Reason: <i>{ $reason }</i>
client-counts = { $count } of { $limit } devices
client-count-revoked = { $count } revoked
client-since = Here since { $on }
client-people = <b>Who chats for it</b>
client-people-more = … and { $count } more
client-person = <code>{ $name }</code> · <code>{ $id }</code>
client-person-username = <code>{ $name }</code> @{ $username } · <code>{ $id }</code>
client-person-blocked = has blocked me

client-devices = Devices of <code>{ $client }</code> · { $count }
client-devices-revoked = Revoked devices of <code>{ $client }</code> · { $count }
client-device-seen = <code>{ $name }</code> · seen { $at }
client-device-never = <code>{ $name }</code> · never connected
client-device-revoked = <code>{ $name }</code> · revoked { $at }
client-device-ended = Revoked { $at }
client-device-ended-by = Revoked { $at } by <code>{ $admin }</code>

client-ask-reason = Why? Its people will read it. Tap a reason, or send me one in your own words.
client-people-read = Its people will read: <i>{ $reason }</i>
client-own = You are in this client yourself. Ask another admin: you would lock yourself out.
client-unreachable = Somebody of <code>{ $client }</code> could not be told: they have blocked me.

suspend-ask = <b>Pause this client?</b>
suspend-means =
    { $count ->
        [0] It has no devices. Its people can do nothing here until it is resumed.
        [one] Its device and its API tokens stop working at once, and work again when it is resumed.
       *[other] Its { $count } devices and its API tokens stop working at once, and work again when it is resumed.
    }
suspended-client = ⏸ <code>{ $client }</code> is paused since { $at }. I am telling its people.
suspended-already = ⏸ <code>{ $client }</code> is paused already.
resume-ask = <b>Resume this client?</b>
resume-means =
    { $count ->
        [0] It has no devices. Its people can go on.
        [one] Its device works again, and its people can go on.
       *[other] Its { $count } devices work again, and its people can go on.
    }
resumed-client = ▶️ <code>{ $client }</code> goes on since { $at }. I am telling its people.
resumed-already = <code>{ $client }</code> is not paused.
revoke-all-ask = <b>Revoke all devices of this client?</b>
revoke-all-means =
    { $count ->
        [0] It has none that could be revoked.
        [one] Its only device stops working at once, and for good.
       *[other] Its { $count } devices stop working at once, and for good.
    }
revoked-all =
    { $count ->
        [one] ⛔ { $count } device of <code>{ $client }</code> is revoked since { $at }. I am telling its people.
       *[other] ⛔ { $count } devices of <code>{ $client }</code> are revoked since { $at }. I am telling its people.
    }
revoked-none = <code>{ $client }</code> has no devices that could be revoked.

limit-ask =
    How many devices may <code>{ $client }</code> have? Now it may have { $limit }, and it has { $count }.
    Tap a number, or send me one. With fewer than it has, none is revoked, but none can be added.
limit-refused = Please send a whole number from 0 to { $limit }.
limit-set = ✅ <code>{ $client }</code> may have { $limit } devices now.
limit-set-below = ✅ <code>{ $client }</code> may have { $limit } devices now. It keeps the { $count } that it has, and can add none.

forget-ask = <b>Forget this client?</b>
forget-means =
    It is deleted with everything it has: its devices ({ $devices }), which stop working at once and for good, and its people here ({ $people }), who are told. The audit stays.
forget-confirm =
    To confirm, send me <code>{ $text }</code>. If its people are to read a reason, write it on the lines below.
forget-refused =
    That is not it, and nothing was forgotten. To confirm, send me <code>{ $text }</code>.
forgotten = 🗑 <code>{ $client }</code> is forgotten, and so are its devices. I am telling its people.

told-suspended = ⏸ An admin paused your access at { $at }.
told-suspended-next = Your devices cannot connect until it is resumed.
told-resumed = ▶️ An admin resumed your access at { $at }.
told-resumed-next = Your devices can connect again, and you can go on.
told-all-revoked =
    { $count ->
        [one] ⛔ An admin revoked your device at { $at }.
       *[other] ⛔ An admin revoked all of your { $count } devices at { $at }.
    }
told-all-revoked-next = They can no longer connect. What you still need, register again: it gets a new secret.
told-forgotten = 🗑 An admin removed you from this registry at { $at }.
told-forgotten-next = Your devices were deleted with it and can no longer connect.

## The audit, for admins

audit-heading = <b>Audit</b>, the newest first
audit-heading-client = <b>Audit</b> of the client <code>{ $id }</code>, the newest first
audit-heading-device = <b>Audit</b> of the device <code>{ $id }</code>, the newest first
audit-none = Nothing is written down here.
audit-several = Several things fit <code>{ $id }</code>. Which one?
audit-unknown = I know neither a client nor a device <code>{ $id }</code>.
audit-system = the bot
audit-nobody = nobody
audit-name = <code>{ $name }</code>
audit-device = <code>{ $name }</code> (<code>{ $id }</code>)
audit-limit-standard = as everybody
audit-client-created = { $who } came in as client { $client }.
audit-client-deleted = { $who } forgot client { $client }.
audit-client-limit = { $who } set the device limit of { $client }: { $limit }.
audit-client-resumed = { $who } resumed { $client }.
audit-client-suspended = { $who } paused { $client }.
audit-device-registered = { $who } registered { $device } for { $client }.
audit-device-renamed = { $who } renamed a device of { $client }: now { $device }.
audit-device-revoked = { $who } revoked { $device } of { $client }.
audit-handout-failed = A secret of { $client } (device { $device }) could not be removed from a chat.
audit-notice-dropped = A notice could not be delivered: its reader has blocked me.
audit-secret-rotated = { $who } gave { $device } of { $client } a new secret.
audit-tokens-voided = { $who } voided all API tokens of { $client }.
audit-access-asked = { $who } asked for access.
audit-access-approved = { $who } let in { $client }.
audit-access-refused = { $who } refused somebody access.
audit-admin-named = { $who } named an admin.
audit-admin-removed = { $who } removed an admin.
audit-copy-confirmed = { $who } let devices connect to a bot from a backup.
audit-client-left = { $who } left client { $client }.
audit-device-regrouped = { $who } changed the group of { $device } of { $client }.
audit-invite-created = { $who } made an invite.
audit-invite-used = { $who } came in by an invite.
audit-invite-withdrawn = { $who } took an invite back.
audit-invites-withdrawn = { $who } took all of their invites back.
audit-secret-pasted = { $who } sent me the secret of { $device } of { $client }.
audit-other = { $who }: <code>{ $action }</code>, client { $client }.

## Figures, for admins

stats-heading = <b>Figures</b>
stats-clients =
    { $count ->
        [one] { $count } client, { $suspended } paused
       *[other] { $count } clients, { $suspended } paused
    }
stats-devices =
    { $count ->
        [one] { $count } device, and { $revoked } revoked
       *[other] { $count } devices, and { $revoked } revoked
    }
stats-seen = { $count } seen in the last five minutes
stats-open =
    { $count ->
        [one] { $count } secret or card is open
       *[other] { $count } secrets or cards are open
    }
stats-since = Since { $at }:
stats-shown =
    { $count ->
        [one] { $count } secret was shown
       *[other] { $count } secrets were shown
    }
stats-destroyed =
    { $count ->
        [one] { $count } was destroyed
       *[other] { $count } were destroyed
    }
stats-failed = { $count } could not be removed

## A bot that was started from a backup

copy-started = ⚠️ <b>I was started from a backup</b>, made on { $at }.
copy-unknown =
    What happened after that is unknown to me. Devices that were revoked, clients that were suspended, admins that were removed, and secrets that were replaced since then are here as they were before. Invites from before do not work any more.
copy-next =
    No device can connect until you allow it. If you know of such a change, make it again first. Every device will have to log in anew.
copy-confirmed =
    ✅ Devices can connect again since { $at }. The backup was made on { $taken_at }.
copy-confirmed-by =
    ✅ <code>{ $admin }</code> let devices connect again on { $at }. The backup was made on { $taken_at }.
button-confirm-copy = Let devices connect

## Toasts: plain text, at most 200 characters

toast-removed = Already removed.
toast-changed = That has changed meanwhile. Here is how it looks now.
toast-device-gone = That device is no longer here.
toast-page-gone = That page is no longer there. Here is the first one.
toast-client-gone = That client is no longer here.
toast-not-allowed = You can no longer do that.
toast-records-away = I cannot reach my records right now. Nothing was changed. Please try again in a minute.
toast-records-wait = I cannot reach my records right now. I will get to it as soon as I can; nothing is lost.
toast-unknown = That did not work. If it happens again, tell the admin this number: { $number }.
toast-old-copy = An old copy. Please use the newest card.
toast-busy =
    { $count ->
        [one] Busy for a moment. Please tap again in { $count } second.
       *[other] Busy for a moment. Please tap again in { $count } seconds.
    }
toast-another-secret = Another secret is still on your screen. Tap I saved it there first.
toast-too-many-picked = At most { $limit } devices can be changed at once. Nothing more was selected.
toast-check-again = Please check again first.

## The command menu

command-register = Add a device
command-devices = See and manage your devices
command-rename = Change a device's name
command-rotate = Get a new secret for a device
command-revoke = Switch a device off for good
command-revoke-any = Switch any device off: <device id> [reason]
command-admin = What admins can do
command-clients = All clients, or those that begin with a text
command-client = One client: [id, Telegram ID or @username]
command-suspend = Pause a client: [client] [reason]
command-resume = Let a paused client go on: [client] [reason]
command-audit = What was done, and by whom: [client or device]
command-stats = How much there is, and happened today
command-token = Get a 15-minute key for your own tools
command-help = What I do
command-id = Your Telegram ID
command-cancel = Stop what we are doing

## Who may use the bot

access-asked =
    <b>Welcome.</b> An admin has to let you in.
    I have asked, and will write to you here as soon as there is an answer.
access-waiting =
    Still waiting: I asked { $at }. An admin has to let you in.
    I will write to you here as soon as there is an answer.
access-approved = ✅ <b>You are in.</b> You can register your devices now.
access-refused = Your request was not accepted.
access-invitation-needed = I let in only those who have an invite.

newcomer-asks = 👤 <b>Somebody asks for access</b>
newcomer-name = Name: <code>{ $name }</code>
newcomer-username = Username: @{ $username }
newcomer-id = Telegram ID: <code>{ $id }</code>
newcomer-asked = Asked { $at }
newcomer-approved = ✅ <code>{ $name }</code> (<code>{ $id }</code>) was approved by <code>{ $admin }</code> at { $at }.
newcomer-refused = ✖️ <code>{ $name }</code> (<code>{ $id }</code>) was refused by <code>{ $admin }</code> at { $at }.
newcomer-invited = ✅ <code>{ $name }</code> (<code>{ $id }</code>) came in by an invite of <code>{ $admin }</code> at { $at }.
newcomers-none = Nobody is waiting to be let in.
newcomers-heading =
    { $count ->
        [one] <b>{ $count } person waits</b> to be let in.
       *[other] <b>{ $count } people wait</b> to be let in.
    }
button-approve = ✅ Approve
button-refuse = ✖️ Refuse
button-approve-after-all = Approve after all
button-newcomers = 👤 Waiting ({ $count })
toast-faster-approved = { $admin } was faster: approved.
toast-faster-refused = { $admin } was faster: refused.
toast-faster-invited = Let in meanwhile, by an invite of { $admin }.

command-invite = Let somebody share your devices
command-invite-any = Let somebody in
button-invite = ✉️ Invite
button-invite-client = 👤 New client
button-invite-join = 👥 Join my client
button-invite-admin = 🛡 Admin
button-copy-link = 📋 Copy link
button-withdraw = ↩️ Take it back
button-withdraw-all = ↩️ Take back all open ones ({ $count })
invite-ask = <b>What shall the invite give?</b> I make a link that works once, for one person.
invite-gives-client = <b>New client</b>: they get in, and register devices of their own.
invite-gives-join = <b>Join my client</b>: they see and manage all of your devices, as you do. A secret is shown only to the one who asks for it.
invite-gives-admin = <b>As an admin</b>: they may do all that admins do.
invite-made = 🔗 <b>Here is the invite.</b>
invite-link = <code>{ $url }</code>
invite-until = It works once, until { $until }. Whoever opens it first gets in: send it only to the one you mean.
invite-withdrawn = ↩️ Taken back. The link no longer works.
invites-withdrawn =
    { $count ->
        [0] There is no open invite to take back.
        [one] ↩️ Taken back. The link no longer works.
       *[other] ↩️ Taken back. The { $count } links no longer work.
    }
invite-closed-used = This invite was used already: there is nothing to take back.
invite-closed-expired = This invite has expired: its link no longer works.
invite-unknown = I do not know this invite. Ask for a new one.
invite-was-used = This invite was used already: each works once. Ask for a new one.
invite-expired = This invite has expired. Ask for a new one.
invite-was-withdrawn = This invite was taken back by whoever made it. Ask for a new one.
invite-void = Whoever made this invite can no longer give what it promises. Ask for a new one.
invite-paused = The access of whoever made this invite is paused, so it lets nobody in now.
invite-own = This is your own invite. It is for somebody else, and still good.
invite-already-in = You are in already. This invite is for somebody new, and still good.
invite-same-client = You share these devices already. The invite is for somebody else, and still good.
invite-has-devices = You have devices of your own, so you cannot join somebody else's. Give yours up first: revoke them, then open the link again. Nothing was changed, and the invite is still good.
invite-shares-devices = You share devices with others, so you cannot join anybody else. Leave first: the others keep the devices. Then open the link again. Nothing was changed, and the invite is still good.
invite-already-admin = You are an admin already. The invite is for somebody else, and still good.
invite-joined-client = ✅ <b>You are in.</b> You can register your devices now.
invite-joined-join =
    { $count ->
        [0] ✅ <b>You are in.</b> You share the devices of whoever invited you; there are none yet.
        [one] ✅ <b>You are in.</b> You share the devices of whoever invited you: { $count } device.
       *[other] ✅ <b>You are in.</b> You share the devices of whoever invited you: { $count } devices.
    }
invite-joined-admin = ✅ <b>You are an admin now.</b> /help shows what you can do.
invite-used-client = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) opened your invite, and is in.
invite-used-join = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) opened your invite, and shares your devices now.
invite-used-admin = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) opened your invite, and is an admin now.
leave-ask = <b>Leave the shared devices?</b> The others keep them. You see them no more, and start with none.
leave-done = 🚪 You have left. The others keep the devices; you can register your own, or open an invite.
leave-alone = You share your devices with nobody, so there is nobody to leave them to.
button-leave = 🚪 Leave
button-leave-now = 🚪 Yes, leave

command-admins = See, name and remove admins
command-notices = Choose what I tell you
button-admins = 🛡 All admins
button-name-admin = ➕ Name an admin
button-name-now = ✅ Yes, name
button-remove-admin = ➖ Remove { $name }
button-remove-now = ➖ Yes, remove
button-notices = 🔔 Notices
admins-heading = <b>Admins</b>
admins-line = <code>{ $name }</code> (<code>{ $id }</code>)
admins-line-fixed = <code>{ $name }</code> (<code>{ $id }</code>) · by the settings, always
admins-how =
    <b>Name an admin</b>
    Send me /admins with the Telegram ID of somebody who uses me, for example <code>/admins 123456789</code>. Everybody reads theirs with /id.
    Or make an invite: whoever opens it is an admin.
admins-ask-name = Make <code>{ $name }</code> (<code>{ $id }</code>) an admin? They may then do all that you may, and remove you too.
admins-named = ✅ <code>{ $name }</code> (<code>{ $id }</code>) is an admin now.
admins-ask-remove = Shall <code>{ $name }</code> (<code>{ $id }</code>) be an admin no more? Their own devices stay theirs.
admins-ask-remove-self = Shall <b>you</b> be an admin no more? Only another admin can make you one again.
admins-removed = ➖ <code>{ $name }</code> (<code>{ $id }</code>) is an admin no more.
admins-removed-self = ➖ You are an admin no more.
admins-unknown = I know nobody with the ID <code>{ $id }</code> who was let in. Make an invite instead.
admins-already = <code>{ $id }</code> is an admin already.
admins-none = They are no admin any more. Nothing was changed.
admins-fixed = The settings name this admin. That cannot be changed in chat.
admins-told-named = 🛡 <code>{ $name }</code> made you an admin. /help shows what you can do.
admins-told-removed = You are an admin no more: <code>{ $name }</code> changed that.

notices-heading = <b>What I tell you as an admin</b>
notices-on = 🔔 { $what }
notices-silent = 🔕 { $what } · without a sound
notices-off = ✖️ { $what } · not at all
notices-about-newcomer-waiting = Somebody asks for access
notices-about-handout-failed-admin = A secret that I cannot remove
notices-about-secret-leaked-admin = A secret that somebody sent me
notices-about-owner-unreachable = An owner whom I cannot tell
button-notice-on = 🔔 { $what }
button-notice-silent = 🔕 { $what }
button-notice-off = ✖️ { $what }
