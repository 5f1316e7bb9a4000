# The words of the bot in Russian. What holds for all languages stands in en.ftl.
#
# The reader is addressed politely and without a gender: no verb in the past tense about "you" but in the plural.
# A duration stands in the accusative (60 секунд, 1 минуту): what leads to it asks for that case.
# A device's name takes no case: "устройство" stands before it.

## Times, for apps that cannot show their own

time-r = { $day } { month-short }, { $minutes } UTC
time-t = { $minutes } UTC
time-T = { $seconds } UTC
time-D = { $day } { month-long } { $year } г.
time-wDt = { weekday-short }, { $day } { month-long }, { $minutes } UTC
time-within = не позже чем через { $span }

month-short =
    { $month ->
        [1] янв.
        [2] февр.
        [3] мар.
        [4] апр.
        [5] мая
        [6] июн.
        [7] июл.
        [8] авг.
        [9] сент.
        [10] окт.
        [11] нояб.
       *[12] дек.
    }
month-long =
    { $month ->
        [1] января
        [2] февраля
        [3] марта
        [4] апреля
        [5] мая
        [6] июня
        [7] июля
        [8] августа
        [9] сентября
        [10] октября
        [11] ноября
       *[12] декабря
    }
weekday-short =
    { $weekday ->
        [1] пн
        [2] вт
        [3] ср
        [4] чт
        [5] пт
        [6] сб
       *[7] вс
    }

duration-seconds =
    { $count ->
        [one] { $count } секунду
        [few] { $count } секунды
        [many] { $count } секунд
       *[other] { $count } секунды
    }
duration-minutes =
    { $count ->
        [one] { $count } минуту
        [few] { $count } минуты
        [many] { $count } минут
       *[other] { $count } минуты
    }
duration-hours =
    { $count ->
        [one] { $count } час
        [few] { $count } часа
        [many] { $count } часов
       *[other] { $count } часа
    }

## Buttons

button-register = ➕ Новое устройство
button-devices = 📟 Мои устройства
button-help = ❓ Помощь
button-back = Назад
button-cancel = Отмена
button-copy-id = 📋 Копировать ID устройства
button-show-secret = 🔑 Показать ключ
button-copy-secret = 📋 Копировать ключ
button-saved = ✅ Сохранено
button-try-again = 🔁 Повторить
button-new-secret = 🔄 Новый ключ
button-token = 🔑 API-токен
button-copy-token = 📋 Копировать токен
button-sign-out = 🚪 Выйти везде
button-set-up = 🛠 Настроить
button-file = 📄 { $name }
button-rename = ✏️ Переименовать
button-revoke = 🚫 Отозвать
button-revoke-now = 🚫 Да, отозвать
button-open = 📟 К устройству
button-open-named = 📟 Открыть «{ $name }»
button-use-name = Взять «{ $name }»
button-previous = ◀️ Предыдущие
button-next = ▶️ Следующие
button-search = 🔎 Поиск
button-active = Активные ({ $count })
button-revoked = ⛔ Отозванные ({ $count })
button-stop-at-once = Отключить сразу
button-private-chat = 💬 Открыть личный чат
button-no-reason = Без причины
button-owned = { $name } · { $owner }

## General

welcome = <b>Добро пожаловать, { $name }!</b>
welcome-how =
    Здесь вы регистрируете свои торговые терминалы. Каждый получает собственный секретный ключ, который показывается один раз.
menu-devices =
    { $count ->
        [one] <b>{ $count } устройство</b>
        [few] <b>{ $count } устройства</b>
        [many] <b>{ $count } устройств</b>
       *[other] <b>{ $count } устройства</b>
    }
menu-seen =
    { $count ->
        [0] сегодня на связи ни одного
       *[other] сегодня на связи: { $count }
    }
menu-never = ещё не подключались: { $count }
suspended = Администратор приостановил ваш доступ. Пока он не возобновлён, ваши устройства не могут подключаться.
contact = Есть вопросы? Напишите { $contact }.

help-what =
    <b>Что я делаю</b>
    Регистрирую ваши торговые терминалы. Каждый получает собственный секретный ключ, который показывается один раз, на { $span }.
help-commands =
    /register – добавить устройство
    /devices – список устройств и управление ими
    /rename – изменить имя
    /rotate – получить новый ключ
    /revoke – отозвать устройство навсегда
    /token – токен на 15 минут для ваших программ
    /invite – поделиться своими устройствами
    /language – выбрать язык
    /id – ваш Telegram ID
    /cancel – прервать начатое
help-admin =
    <b>Для администраторов</b>
    /admin – что могут администраторы
    /clients [текст] – все клиенты или те, чьи имена, ID или устройства так начинаются
    /client &lt;ID, ID в Telegram или @имя&gt; – карточка клиента
    /revoke &lt;ID устройства&gt; [причина] – отозвать чьё угодно устройство
    /invite – открыть кому-нибудь доступ
    /admins – администраторы: список, назначение, отзыв
    /notices – о чём мне сообщать
    /suspend [клиент] [причина] – приостановить клиента
    /resume [клиент] [причина] – возобновить клиента
    /audit [клиент или устройство] – что было сделано и кем
    /stats – сколько чего есть
help-good =
    <b>Полезно знать</b>
    • Ключ потерян? Возьмите новый. Посмотреть старый не может никто.
    • Я никогда не прошу прислать ключ. Если он придёт по ошибке, я удалю сообщение.
    • Чаты с ботами не защищены сквозным шифрованием, а изменённые приложения могут хранить удалённые сообщения. Если сомневаетесь, возьмите новый ключ.
own-id = Ваш Telegram ID: <code>{ $id }</code>
unknown-command = Такой команды я не знаю. Все команды: /help.
not-understood = Я не понимаю это сообщение. Вы можете:
group = Я разговариваю только в личном чате, чтобы никто другой не увидел ваши ключи.
slow-down = Я за вами не успеваю. Пожалуйста, не так быстро: отправьте это ещё раз.

## The language

button-language = 🌐 Язык
button-language-chosen = ✓ { $name }
button-language-as-app = 📱 Как в приложении
language-name = Русский
language-ask = <b>На каком языке вам писать?</b>
language-now = Сейчас: <b>{ $name }</b>.
language-follows = Сейчас: <b>{ $name }</b>. Я пишу на языке вашего приложения Telegram, если знаю этот язык.
command-language = Выбрать язык

## Registration

ask-name =
    Как назвать устройство? Пришлите имя, например <b>VPS Франкфурт</b>.
    Потом его можно изменить.
name-blank = В имени нужен хотя бы один видимый символ. Пришлите имя.
name-too-long =
    { $count ->
        [one] В этом имени { $count } символ, а можно не больше { $limit }. Пришлите имя покороче.
        [few] В этом имени { $count } символа, а можно не больше { $limit }. Пришлите имя покороче.
        [many] В этом имени { $count } символов, а можно не больше { $limit }. Пришлите имя покороче.
       *[other] В этом имени { $count } символа, а можно не больше { $limit }. Пришлите имя покороче.
    }
name-control = Имя занимает одну строку и не содержит управляющих символов. Пришлите другое.
name-secret = Здесь секретный ключ устройства, а он не может быть именем. Пришлите другое.
name-not-text = Пожалуйста, пришлите имя текстом.
name-taken =
    У вас уже есть устройство с именем <b>{ $name }</b>. Пришлите другое имя или возьмите это:
limit-reached = Ваши устройства: { $count } из { $limit }. Чтобы освободить место, отзовите то, которым больше не пользуетесь.
cancelled = Отменено.
stopped = Остановлено: поступила другая команда.
nothing-registered = Ничего не зарегистрировано.
nothing-to-cancel = Отменять нечего.

## The life of a secret message

card-register =
    Устройство <b>{ $name }</b> почти готово.

    1. Откройте этот чат на компьютере, где работает терминал.
    2. Скопируйте ID устройства и вставьте его в настройки терминала.
    3. Нажмите <b>Показать ключ</b>. Он показывается один раз, на { $span }.
card-until = Карточка действует до { $until }.
card-rotate = Новый ключ для устройства <b>{ $name }</b> ждёт вас.
card-once = Он показывается один раз, на { $span }.
card-old-works = Старый после этого проработает ещё { $overlap } или до подключения с новым.
card-old-stops = Старый после этого сразу перестанет действовать.
card-both-stop = Оба нынешних ключа после этого сразу перестанут действовать.
card-oldest-stops = Из двух нынешних ключей более старый перестанет действовать, как только вы увидите этот.
card-cancel = Если отменить, ничего не изменится.
card-name-taken = Имя <b>{ $name }</b> тем временем уже занято.
card-limit-reached =
    { $limit ->
        [one] Тем временем достигнут ваш предел: { $limit } устройство.
        [few] Тем временем достигнут ваш предел: { $limit } устройства.
        [many] Тем временем достигнут ваш предел: { $limit } устройств.
       *[other] Тем временем достигнут ваш предел: { $limit } устройства.
    }
card-no-room = Тем временем достигнут ваш предел по числу устройств.
card-expired = ⌛ Срок карточки устройства <b>{ $name }</b> истёк.
card-outdated = Карточка устройства <b>{ $name }</b> больше не действует: её заменила более новая.
card-withdrawn = Карточка устройства <b>{ $name }</b> больше не действует.
card-revoked = Устройство <b>{ $name }</b> тем временем отозвано и не получит нового ключа.
old-keeps-working = Старый ключ действует по-прежнему.

secret-of = 🔑 Ключ устройства <b>{ $name }</b>
secret-new-of = 🔑 Новый ключ устройства <b>{ $name }</b>
secret-itself = <tg-spoiler>{ $secret }</tg-spoiler>
secret-how =
    Скопируйте ключ, вставьте его в терминал и нажмите <b>Сохранено</b>.
    Это сообщение исчезнет { $until }. Показать этот ключ ещё раз не сможет никто.
secret-removed = 🔒 Здесь был секретный ключ. Он убран.
secret-unconfirmed =
    ⚠️ Telegram не подтвердил, что вы могли увидеть ключ устройства <b>{ $name }</b>, поэтому ключ уничтожен.
secret-interrupted = ⚠️ Во время показа ключа устройства <b>{ $name }</b> меня перезапустили, поэтому ключ уничтожен.
secret-superseded =
    ⚠️ Во время показа ключа устройства <b>{ $name }</b> что-то изменилось, поэтому ключ уничтожен.
secret-never-works = Он никогда не заработает, даже если вы его скопировали.
secret-stuck =
    ⚠️ Не получается убрать сообщение с ключом устройства <b>{ $name }</b>. Пожалуйста, удалите его сами.
secret-keep-trying = Я продолжаю попытки.

receipt-registered = ✅ Устройство <b>{ $name }</b> зарегистрировано.
receipt-registered-cancelled = ✅ Устройство <b>{ $name }</b> остаётся зарегистрированным; его ключ убран с экрана.
receipt-rotated = 🔄 У устройства <b>{ $name }</b> новый ключ.
receipt-rotated-cancelled = 🔄 Новый ключ устройства <b>{ $name }</b> остаётся в силе; с экрана он убран.
receipt-fingerprints = Новый отпечаток: <code>{ $new }</code> · старый: <code>{ $old }</code>
receipt-shown = Ключ показан в { $at } и убран через { $span }.
receipt-shown-interrupted =
    Ключ показан в { $at } и убран через { $span }, а не через { $planned }, потому что меня перезапустили. Если ваш экран мог видеть кто-то ещё, нажмите <b>Новый ключ</b>.
receipt-new-shown = Он показан в { $at } и убран через { $span }.
receipt-new-shown-interrupted =
    Он показан в { $at } и убран через { $span }, а не через { $planned }, потому что меня перезапустили. Если ваш экран мог видеть кто-то ещё, нажмите <b>Новый ключ</b>.
receipt-next = Я сообщу, когда устройство впервые подключится. Ключ не сохранён? Нажмите <b>Новый ключ</b>.
first-login-unknown = 🟢 Устройство <b>{ $name }</b> впервые подключилось. Всё готово.
first-login = 🟢 Устройство <b>{ $name }</b> впервые подключилось, с адреса <code>{ $address }</code>. Всё готово.
old-works-until = Старый ключ действует до подключения с новым. Крайний срок: { $until }.
old-stopped = Старый ключ больше не действует.

## Setting a terminal up

setup-title = 🛠 <b>Настройка { $name }</b>
setup-allow =
    <b>MetaTrader 5</b>
    1. Сервис → Настройки → Советники: отметьте <i>Разрешить WebRequest для следующих URL</i> и добавьте адрес ниже.
setup-address = <code>{ $address }</code>
setup-include = 2. Сохраните <i>DeviceAuth.mqh</i> в папке <i>MQL5/Include</i> вашего терминала (Файл → Открыть каталог данных).
setup-secret = 3. Поместите ключ в текстовый файл в <i>MQL5/Files</i> и укажите советнику ID устройства.
setup-python =
    <b>Python</b>
    Сохраните <i>device_auth.py</i> рядом со своим скриптом, а ключ – в отдельном файле; адрес: <code>{ $address }</code>.

## API tokens

token-card =
    <b>API-токен</b> для ваших программ ждёт вас.

    Он показывается один раз, на { $span }. Он действует { $life } и подходит для всех ваших устройств.
    У кого он есть, тот может делать с вашими устройствами то же, что и вы.
token-none-made = Токен не создан.
token-expired = ⌛ Срок карточки API-токена истёк.
token-outdated = Карточка API-токена больше не действует: её заменила более новая.
token-withdrawn = Карточка API-токена больше не действует.
token-others-work = Остальные ваши токены действуют по-прежнему.

token-title = 🔑 Ваш <b>API-токен</b>
token-how =
    Скопируйте токен, вставьте его в свою программу и нажмите <b>Сохранено</b>.
    Это сообщение исчезнет { $until }. Показать этот токен ещё раз не сможет никто.
token-unconfirmed =
    ⚠️ Telegram не подтвердил, что вы могли увидеть API-токен, поэтому токен уничтожен.
token-interrupted = ⚠️ Во время показа API-токена меня перезапустили, поэтому токен уничтожен.
token-superseded = ⚠️ Во время показа API-токена что-то изменилось, поэтому токен уничтожен.
token-stuck = ⚠️ Не получается убрать сообщение с вашим API-токеном. Пожалуйста, удалите его сами.

token-receipt = ✅ У вас новый <b>API-токен</b>.
token-receipt-cancelled = ✅ Новый <b>API-токен</b> остаётся у вас; с экрана он убран.
token-shown = Он показан в { $at } и убран через { $span }.
token-shown-interrupted =
    Он показан в { $at } и убран через { $span }, а не через { $planned }, потому что меня перезапустили. Если ваш экран мог видеть кто-то ещё, нажмите <b>Выйти везде</b>.
token-works-until = Он действует до { $until }.
token-over = Его срок уже истёк.
token-signed-out = 🚪 В { $at } все API-токены отменены. Когда понадобится, возьмите новый.

token-pasted-deleted =
    🗑 Ваше сообщение удалено: в нём был API-токен. Кто его видел, может делать с вашими устройствами то же, что и вы, пока не истечёт срок токена. Если сомневаетесь, выйдите везде.
token-pasted-not-deleted =
    ⚠️ В вашем сообщении API-токен, а удалить его у меня не получилось. Пожалуйста, удалите сообщение сами прямо сейчас. Если сомневаетесь, выйдите везде.

## Devices

devices-heading = <b>Ваши устройства</b> · { $count } из { $limit }
devices-heading-revoked = <b>Отозванные устройства</b> · { $count }
devices-none = У вас пока нет устройств.
devices-none-left = Сейчас у вас нет устройств.
devices-none-revoked = У вас нет отозванных устройств.
devices-which = Какое устройство?
devices-found = <b>Найдено: { $count }</b> по запросу <b>{ $term }</b>
devices-not-found = По запросу <b>{ $term }</b> ничего не найдено.
devices-ask-term = Пришлите часть имени или отпечаток ключа.
devices-seen = <b>{ $name }</b> · на связи { $at }
devices-never = <b>{ $name }</b> · ещё не подключалось
devices-revoked = <b>{ $name }</b> · отозвано { $at }

device-title = <b>{ $name }</b>
device-id = ID устройства: <code>{ $id }</code>
device-fingerprint = Отпечаток ключа: <code>{ $fingerprint }</code>
device-registered = Дата регистрации: { $on }
device-seen = На связи: { $at }
device-seen-from = На связи: { $at }, с адреса <code>{ $address }</code>
device-never = Ещё не подключалось.
device-never-yet = Ещё не подключалось. Что сделать, покажет кнопка <b>Настроить</b>.
device-overlap =
    Старый ключ <code>{ $fingerprint }</code> действует до подключения с новым. Крайний срок: { $until }.
device-revoked-by-you = Отозвано вами { $at }.
device-revoked-by-admin = Отозвано администратором { $at }.
device-revoked-by-admin-because = Отозвано администратором { $at }: <i>{ $reason }</i>

rename-ask = Пришлите новое имя для устройства <b>{ $name }</b>.
renamed = ✏️ Устройство <b>{ $old }</b> теперь называется <b>{ $new }</b>. В терминале ничего менять не нужно.
rename-same = Оно и так называется <b>{ $name }</b>.
rename-revoked = Устройство <b>{ $name }</b> тем временем отозвано и сохраняет своё имя.
rename-cancelled = Отменено. Имя остаётся прежним.

## A new secret

rotate-ask = <b>Новый ключ для { $name }</b>
rotate-how-long =
    Сколько ещё должен действовать старый ключ после того, как вы увидите новый?
    В любом случае он отключится при первом подключении с новым.

## Revoke

revoke-ask = <b>Отозвать { $name }?</b>
revoke-for-good = Устройство перестанет работать сразу и навсегда.
revoke-seen = Последний раз на связи: { $at }.
revoke-never = Оно ещё ни разу не подключалось.
revoke-name-free = Его имя снова станет свободным.
revoked = ⛔ Устройство <b>{ $name }</b> отозвано в { $at }. Все запросы после этого момента отклоняются.
revoked-already-by-you = ⛔ Устройство <b>{ $name }</b> уже отозвано { $at }, вами.
several-match =
    { $count ->
        [one] С <code>{ $id }</code> начинается { $count } устройство. Какое нужно?
        [few] С <code>{ $id }</code> начинаются { $count } устройства. Какое нужно?
        [many] С <code>{ $id }</code> начинаются { $count } устройств. Какое нужно?
       *[other] С <code>{ $id }</code> начинаются { $count } устройства. Какое нужно?
    }
revoked-already-by-admin = ⛔ Устройство <b>{ $name }</b> уже отозвано { $at }, администратором.

## What admins do, and what owners read of it

admin-revoke-ask = <b>Отозвать это устройство?</b>
admin-device = Устройство: <code>{ $name }</code> (<code>{ $id }</code>)
admin-owner = Владелец: <code>{ $owner }</code>
admin-owner-username = Владелец: <code>{ $owner }</code> @{ $username }
admin-owner-reads = Владелец прочтёт: <i>{ $reason }</i>
admin-ask-reason = Почему? Владелец это прочтёт.
admin-revoked =
    ⛔ Устройство <code>{ $name }</code> (<code>{ $id }</code>), владелец <code>{ $owner }</code>, отозвано в { $at }. Я сообщаю владельцу.
admin-revoked-ownerless = ⛔ Устройство <code>{ $name }</code> (<code>{ $id }</code>) отозвано в { $at }.
admin-already-revoked = ⛔ Устройство <code>{ $name }</code> отозвано { $at }.
admin-already-revoked-by = ⛔ Устройство <code>{ $name }</code> отозвано { $at }. Это сделал администратор <code>{ $admin }</code>.
admin-cancelled = Отменено. Ничего не отозвано.
admin-unknown = Устройства с ID <code>{ $id }</code> я не знаю.
admin-owner-unreachable = Владельцу устройства <code>{ $name }</code> не удалось сообщить: он заблокировал бота.
admin-secret-stuck =
    ⚠️ Не получается убрать сообщение с ключом устройства <code>{ $name }</code> (<code>{ $id }</code>) из чата <code>{ $telegram_id }</code>. Владелец получил просьбу удалить его.
admin-token-stuck =
    ⚠️ Не получается убрать сообщение с API-токеном из чата <code>{ $telegram_id }</code>. Владелец получил просьбу удалить его.
reason-lost = Потеря или кража
reason-leaked = Утечка ключа
reason-unneeded = Больше не нужно

owner-revoked = ⛔ Администратор отозвал ваше устройство <b>{ $name }</b> в { $at }.
owner-revoked-reason = Причина: <i>{ $reason }</i>
owner-revoked-next = Подключаться оно больше не может. Если оно вам ещё нужно, зарегистрируйте его снова: оно получит новый ключ.
owner-unknown = У вас нет устройства с ID <code>{ $id }</code>.

## Группы и несколько устройств сразу

button-group = 🗂 Группа
button-no-group = Без группы
button-select = ☑️ Выбрать несколько
button-picked = ✅ { $name }
button-unpicked = ▫️ { $name }
button-whole-group = 🗂 Целая группа
button-revoke-picked = 🚫 Отозвать ({ $count })
button-regroup-picked = 🗂 Группа ({ $count })
button-yes-regroup = 🗂 Да, изменить

device-group = Группа: <b>{ $group }</b>
device-group-none = Группа: нет

group-ask = В какой группе должно быть устройство <b>{ $name }</b>?
group-ask-several =
    { $count ->
        [one] В какой группе должно быть { $count } устройство?
        [few] В какой группе должны быть { $count } устройства?
        [many] В какой группе должны быть { $count } устройств?
       *[other] В какой группе должны быть { $count } устройства?
    }
group-how = Выберите группу или пришлите имя новой.
group-how-first = Пришлите имя для неё.
group-set = 🗂 Устройство <b>{ $name }</b> теперь в группе <b>{ $group }</b>.
group-left = 🗂 Устройство <b>{ $name }</b> теперь без группы.
group-cancelled = Отменено. Группа остаётся прежней.
group-not-text = Пожалуйста, пришлите имя группы текстом.
group-revoked = Устройство <b>{ $name }</b> тем временем отозвано и остаётся в своей группе.

select-heading = <b>Выбор устройств</b> · выбрано: { $count }
select-how = Нажмите на устройство, чтобы выбрать его, и ещё раз, чтобы снять выбор. Затем решите, что сделать со всеми.
select-groups = Какая группа? Будут выбраны все её устройства.

several-revoke-ask =
    { $count ->
        [one] <b>Отозвать { $count } устройство?</b>
        [few] <b>Отозвать { $count } устройства?</b>
        [many] <b>Отозвать { $count } устройств?</b>
       *[other] <b>Отозвать { $count } устройства?</b>
    }
several-revoke-for-good =
    { $count ->
        [one] Доступ прекратится сразу и навсегда.
        [few] Они перестанут работать сразу и навсегда.
        [many] Они перестанут работать сразу и навсегда.
       *[other] Они перестанут работать сразу и навсегда.
    }
several-regroup-ask =
    { $count ->
        [one] Поместить { $count } устройство в группу <b>{ $group }</b>?
        [few] Поместить { $count } устройства в группу <b>{ $group }</b>?
        [many] Поместить { $count } устройств в группу <b>{ $group }</b>?
       *[other] Поместить { $count } устройства в группу <b>{ $group }</b>?
    }
several-ungroup-ask =
    { $count ->
        [one] Убрать { $count } устройство из группы?
        [few] Убрать { $count } устройства из групп?
        [many] Убрать { $count } устройств из групп?
       *[other] Убрать { $count } устройства из групп?
    }
several-named = • <b>{ $name }</b>
several-more = … и ещё { $count }
several-revoked =
    { $count ->
        [one] ⛔ { $count } устройство отозвано: { $at }. Все запросы после этого момента отклоняются.
        [few] ⛔ { $count } устройства отозваны: { $at }. Все запросы после этого момента отклоняются.
        [many] ⛔ { $count } устройств отозвано: { $at }. Все запросы после этого момента отклоняются.
       *[other] ⛔ { $count } устройства отозваны: { $at }. Все запросы после этого момента отклоняются.
    }
several-regrouped =
    { $count ->
        [one] 🗂 { $count } устройство теперь в группе <b>{ $group }</b>.
        [few] 🗂 { $count } устройства теперь в группе <b>{ $group }</b>.
        [many] 🗂 { $count } устройств теперь в группе <b>{ $group }</b>.
       *[other] 🗂 { $count } устройства теперь в группе <b>{ $group }</b>.
    }
several-ungrouped =
    { $count ->
        [one] 🗂 { $count } устройство теперь без группы.
        [few] 🗂 { $count } устройства теперь без группы.
        [many] 🗂 { $count } устройств теперь без группы.
       *[other] 🗂 { $count } устройства теперь без группы.
    }
several-unchanged = Ничего не изменилось.
several-already =
    { $count ->
        [one] { $count } устройство уже было отозвано.
        [few] { $count } устройства уже были отозваны.
        [many] { $count } устройств уже было отозвано.
       *[other] { $count } устройства уже были отозваны.
    }

## Новый ключ, позже

secret-used =
    ✅ Устройство <b>{ $name }</b> подключилось с новым ключом с адреса <code>{ $address }</code>. Старый ключ больше не действует.
secret-used-unknown = ✅ Устройство <b>{ $name }</b> подключилось с новым ключом. Старый ключ больше не действует.
overlap-ends-soon =
    ⏳ Устройство <b>{ $name }</b> всё ещё использует старый ключ, который перестанет действовать { $at }. Вставьте новый в терминал или получите другой.
overlap-ended = ⚠️ Старый ключ устройства <b>{ $name }</b> больше не действует, а с новым оно ещё не подключалось.
time-in-one-hour = через час

## Ключи в сообщении боту

button-new-secret-of = 🔄 Новый ключ · { $name }
button-revoke-of = 🚫 Отозвать · { $name }

pasted-own = 🗑 Ваше сообщение удалено: в нём был секретный ключ устройства <b>{ $name }</b>.
pasted-own-danger = Кто его видел, может выдать себя за ваше устройство. Пожалуйста, получите новый.
pasted-own-revoked = Это устройство отозвано, поэтому ключ нигде не действует.
pasted-several = 🗑 Ваше сообщение удалено: в нём были секретные ключи ваших устройств.
pasted-one-of = • <b>{ $name }</b>
pasted-one-of-revoked = • <b>{ $name }</b>, уже отозвано
pasted-several-danger = Кто их видел, может выдать себя за ваши устройства. Пожалуйста, получите новые.
pasted-others = В нём был ещё и ключ другого устройства.
secret-deleted = 🗑 Ваше сообщение удалено: в нём был секретный ключ устройства. Пожалуйста, никогда не отправляйте ключи в чат, даже мне.
secret-not-deleted =
    ⚠️ В вашем сообщении секретный ключ устройства, а удалить его у меня не получилось. Пожалуйста, удалите сообщение сами прямо сейчас.
still-waiting = Я всё ещё жду имя.
still-waiting-group = Я всё ещё жду имя группы.
still-waiting-term = Я всё ещё жду, что искать.
secret-leaked =
    ⚠️ Кто-то прислал мне секретный ключ вашего устройства <b>{ $name }</b>, а значит, знает его. Пожалуйста, получите новый прямо сейчас.
admin-secret-leaked =
    ⚠️ От <code>{ $sender }</code> (<code>{ $telegram_id }</code>) мне пришёл секретный ключ устройства <code>{ $name }</code> (<code>{ $id }</code>) другого клиента. Его владелец предупреждён.

## Clients, for admins

button-admin = 🛡 Управление
button-clients = 👥 Клиенты
button-open-client = 👤 К клиенту
button-client-devices = 📟 Устройства ({ $count })
button-revoke-all = 🚫 Отозвать все
button-suspend = ⏸ Приостановить
button-suspend-now = ⏸ Да, приостановить
button-resume = ▶️ Возобновить
button-resume-now = ▶️ Да, возобновить
button-limit = 🔢 Лимит
button-limit-standard = Как у всех ({ $limit })
button-audit = 📜 Журнал
button-forget = 🗑 Забыть
button-stats = 📊 Цифры
button-count-again = 🔁 Пересчитать
button-newer = ◀️ Новее
button-older = ▶️ Старее

admin-menu =
    <b>Для администраторов</b>
    Найдите клиента, посмотрите, что было сделано или сколько чего есть.

clients-heading = <b>Клиенты</b>, сначала новые
clients-none = Клиентов пока нет.
clients-none-suspended = Никто не приостановлен.
clients-which-suspend = Какого клиента приостановить?
clients-which-resume = Какого клиента возобновить?
clients-found = <b>Найдено</b> по запросу <code>{ $term }</code>
clients-not-found = Ничто не начинается с <code>{ $term }</code>: ни имя, ни имя пользователя, ни ID в Telegram, ни устройство.
clients-ask-term = Пришлите начало имени, @имени пользователя, ID в Telegram или названия устройства.
clients-several = Под <code>{ $id }</code> подходит несколько клиентов. Какой из них?
clients-unknown = Я не знаю клиента <code>{ $id }</code>.
client-gone = Этого клиента здесь больше нет.
client-cancelled = Отменено. Ничего не изменилось.

client-row = <code>{ $name }</code>
client-row-username = <code>{ $name }</code> @{ $username }
client-row-matched = <code>{ $text }</code>
client-row-suspended = ⏸ приостановлен

client-title = 👤 <code>{ $name }</code>
client-named = Клиент: <code>{ $client }</code>
client-id = ID клиента: <code>{ $id }</code>
client-active = Активен
client-suspended = ⏸ Приостановлен
client-suspended-at = ⏸ Приостановлен: { $at }
client-suspended-by = ⏸ Приостановлен: { $at }, кем: <code>{ $admin }</code>
client-reason = Причина: <i>{ $reason }</i>
client-counts = Устройств: { $count } из { $limit }
client-count-revoked = отозвано: { $count }
client-since = Здесь с { $on }
client-people = <b>Кто пишет за него</b>
client-people-more = … и ещё { $count }
client-person = <code>{ $name }</code> · <code>{ $id }</code>
client-person-username = <code>{ $name }</code> @{ $username } · <code>{ $id }</code>
client-person-blocked = заблокировал меня

client-devices = Устройства клиента <code>{ $client }</code> · { $count }
client-devices-revoked = Отозванные устройства клиента <code>{ $client }</code> · { $count }
client-device-seen = <code>{ $name }</code> · в сети: { $at }
client-device-never = <code>{ $name }</code> · ещё не подключалось
client-device-revoked = <code>{ $name }</code> · отозвано: { $at }
client-device-ended = Отозвано: { $at }
client-device-ended-by = Отозвано: { $at }, кем: <code>{ $admin }</code>

client-ask-reason = Почему? Его люди это прочтут. Выберите причину или пришлите её своими словами.
client-people-read = Его люди прочтут: <i>{ $reason }</i>
client-own = Вы сами относитесь к этому клиенту. Попросите другого администратора: вы закрыли бы доступ и себе.
client-unreachable = Кому-то из клиента <code>{ $client }</code> не удалось сообщить: он заблокировал бота.

suspend-ask = <b>Приостановить этого клиента?</b>
suspend-means =
    { $count ->
        [0] Устройств у него нет. Его люди ничего не смогут здесь делать, пока его не возобновят.
        [one] { $count } устройство и токены перестанут работать сразу и заработают снова, когда его возобновят.
        [few] { $count } устройства и токены перестанут работать сразу и заработают снова, когда его возобновят.
       *[many] { $count } устройств и токены перестанут работать сразу и заработают снова, когда его возобновят.
    }
suspended-client = ⏸ Клиент <code>{ $client }</code> приостановлен в { $at }. Я сообщаю его людям.
suspended-already = ⏸ Клиент <code>{ $client }</code> уже приостановлен.
resume-ask = <b>Возобновить этого клиента?</b>
resume-means =
    { $count ->
        [0] Устройств у него нет. Его люди смогут продолжать.
        [one] { $count } устройство снова заработает, и его люди смогут продолжать.
        [few] { $count } устройства снова заработают, и его люди смогут продолжать.
       *[many] { $count } устройств снова заработают, и его люди смогут продолжать.
    }
resumed-client = ▶️ Клиент <code>{ $client }</code> возобновлён в { $at }. Я сообщаю его людям.
resumed-already = Клиент <code>{ $client }</code> не приостановлен.
revoke-all-ask = <b>Отозвать все устройства этого клиента?</b>
revoke-all-means =
    { $count ->
        [0] У него нет таких, которые можно отозвать.
        [one] { $count } устройство перестанет работать сразу и навсегда.
        [few] { $count } устройства перестанут работать сразу и навсегда.
       *[many] { $count } устройств перестанут работать сразу и навсегда.
    }
revoked-all =
    { $count ->
        [one] ⛔ { $count } устройство клиента <code>{ $client }</code> отозвано в { $at }. Я сообщаю его людям.
        [few] ⛔ { $count } устройства клиента <code>{ $client }</code> отозваны в { $at }. Я сообщаю его людям.
       *[many] ⛔ { $count } устройств клиента <code>{ $client }</code> отозваны в { $at }. Я сообщаю его людям.
    }
revoked-none = У клиента <code>{ $client }</code> нет устройств, которые можно отозвать.

limit-ask =
    Сколько устройств может быть у клиента <code>{ $client }</code>? Сейчас можно { $limit }, а есть { $count }.
    Выберите число или пришлите своё. Если оно меньше, чем есть, ничего не отзывается, но и добавить ничего нельзя.
limit-refused = Пришлите целое число от 0 до { $limit }.
limit-set = ✅ Теперь у клиента <code>{ $client }</code> может быть устройств: { $limit }.
limit-set-below = ✅ Теперь у клиента <code>{ $client }</code> может быть устройств: { $limit }. Те, что есть ({ $count }), остаются, но добавить ничего нельзя.

forget-ask = <b>Забыть этого клиента?</b>
forget-means =
    Он удаляется со всем, что у него есть: с устройствами ({ $devices }), которые перестают работать сразу и навсегда, и с его людьми здесь ({ $people }), которым я сообщу. Журнал остаётся.
forget-confirm =
    Чтобы подтвердить, пришлите <code>{ $text }</code>. Если его люди должны прочесть причину, напишите её строкой ниже.
forget-refused =
    Это не то, и ничего не забыто. Чтобы подтвердить, пришлите <code>{ $text }</code>.
forgotten = 🗑 Клиент <code>{ $client }</code> забыт вместе с его устройствами. Я сообщаю его людям.

told-suspended = ⏸ Администратор приостановил ваш доступ в { $at }.
told-suspended-next = Пока он не возобновлён, ваши устройства не могут подключаться.
told-resumed = ▶️ Администратор возобновил ваш доступ в { $at }.
told-resumed-next = Ваши устройства снова могут подключаться, и вы можете продолжать.
told-all-revoked =
    { $count ->
        [one] ⛔ Администратор отозвал { $count } ваше устройство в { $at }.
        [few] ⛔ Администратор отозвал все ваши { $count } устройства в { $at }.
       *[many] ⛔ Администратор отозвал все ваши { $count } устройств в { $at }.
    }
told-all-revoked-next = Они больше не могут подключаться. Что ещё нужно, зарегистрируйте снова: оно получит новый ключ.
told-forgotten = 🗑 Администратор удалил вас из этого реестра в { $at }.
told-forgotten-next = Ваши устройства удалены вместе с вами и больше не могут подключаться.

## The audit, for admins

audit-heading = <b>Журнал</b>, сначала новое
audit-heading-client = <b>Журнал</b> клиента <code>{ $id }</code>, сначала новое
audit-heading-device = <b>Журнал</b> устройства <code>{ $id }</code>, сначала новое
audit-none = Здесь ничего не записано.
audit-several = Под <code>{ $id }</code> подходит несколько. Что именно?
audit-unknown = Я не знаю ни клиента, ни устройства <code>{ $id }</code>.
audit-system = бот
audit-nobody = никто
audit-name = <code>{ $name }</code>
audit-device = <code>{ $name }</code> (<code>{ $id }</code>)
audit-limit-standard = как у всех
audit-client-created = { $who }: новый клиент { $client }.
audit-client-deleted = { $who }: клиент { $client } забыт.
audit-client-limit = { $who }: лимит устройств клиента { $client } теперь { $limit }.
audit-client-resumed = { $who }: клиент { $client } возобновлён.
audit-client-suspended = { $who }: клиент { $client } приостановлен.
audit-device-registered = { $who }: зарегистрировано { $device }, клиент { $client }.
audit-device-renamed = { $who }: устройство клиента { $client } теперь называется { $device }.
audit-device-revoked = { $who }: отозвано { $device }, клиент { $client }.
audit-handout-failed = Ключ клиента { $client } (устройство { $device }) не удалось убрать из чата.
audit-notice-dropped = Уведомление не доставлено: адресат заблокировал бота.
audit-secret-rotated = { $who }: новый ключ для { $device }, клиент { $client }.
audit-tokens-voided = { $who }: все токены клиента { $client } отменены.
audit-access-asked = { $who }: запрос доступа.
audit-access-approved = { $who }: доступ открыт, клиент { $client }.
audit-access-refused = { $who }: в доступе отказано.
audit-admin-named = { $who }: назначен администратор.
audit-admin-removed = { $who }: снят администратор.
audit-copy-confirmed = { $who }: подключение к боту из резервной копии разрешено.
audit-client-left = { $who }: выход из клиента { $client }.
audit-device-regrouped = { $who }: другая группа для { $device }, клиент { $client }.
audit-invite-created = { $who }: создано приглашение.
audit-invite-used = { $who }: вход по приглашению.
audit-invite-withdrawn = { $who }: приглашение отозвано.
audit-invites-withdrawn = { $who }: все приглашения отозваны.
audit-secret-pasted = { $who }: в сообщении прислан ключ { $device }, клиент { $client }.
audit-other = { $who }: <code>{ $action }</code>, клиент { $client }.

## Figures, for admins

stats-heading = <b>Цифры</b>
stats-clients =
    { $count ->
        [one] { $count } клиент, приостановлено: { $suspended }
        [few] { $count } клиента, приостановлено: { $suspended }
       *[many] { $count } клиентов, приостановлено: { $suspended }
    }
stats-devices =
    { $count ->
        [one] { $count } устройство, отозвано: { $revoked }
        [few] { $count } устройства, отозвано: { $revoked }
       *[many] { $count } устройств, отозвано: { $revoked }
    }
stats-seen = В сети за последние пять минут: { $count }
stats-open =
    { $count ->
        [one] { $count } открытый ключ или карточка
        [few] { $count } открытых ключа или карточки
       *[many] { $count } открытых ключей или карточек
    }
stats-since = С момента: { $at }
stats-shown =
    { $count ->
        [one] { $count } ключ показан
        [few] { $count } ключа показаны
       *[many] { $count } ключей показано
    }
stats-destroyed =
    { $count ->
        [one] { $count } уничтожен
        [few] { $count } уничтожены
       *[many] { $count } уничтожено
    }
stats-failed = Не удалось убрать: { $count }

## Бот, запущенный из резервной копии

copy-started = ⚠️ <b>Я запущен из резервной копии</b>, сделанной { $at }.
copy-unknown =
    Что было после этого, мне неизвестно. Отозванные с тех пор устройства, приостановленные клиенты, снятые администраторы и заменённые ключи здесь такие, какими были раньше. Прежние приглашения больше не действуют.
copy-next =
    Ни одно устройство не сможет подключиться, пока вы этого не разрешите. Если вы знаете о таких изменениях, сначала повторите их. Всем устройствам придётся войти заново.
copy-confirmed =
    ✅ Устройства снова могут подключаться, с { $at }. Копия сделана { $taken_at }.
copy-confirmed-by =
    ✅ <code>{ $admin }</code> снова разрешает устройствам подключаться: { $at }. Копия сделана { $taken_at }.
button-confirm-copy = Разрешить подключения

## Toasts: plain text, at most 200 characters

toast-removed = Уже убрано.
toast-changed = Тем временем всё изменилось. Вот как это выглядит сейчас.
toast-device-gone = Этого устройства здесь больше нет.
toast-page-gone = Этой страницы больше нет. Вот первая.
toast-client-gone = Этого клиента здесь больше нет.
toast-not-allowed = Вам это больше не разрешено.
toast-records-away = Сейчас нет доступа к моим записям. Ничего не изменено. Пожалуйста, повторите через минуту.
toast-records-wait = Сейчас нет доступа к моим записям. Я отвечу, как только смогу; ничего не пропадёт.
toast-unknown = Не получилось. Если это повторится, назовите администратору этот номер: { $number }.
toast-old-copy = Это старая копия. Откройте самую новую карточку.
toast-busy =
    { $count ->
        [one] Сейчас много запросов. Пожалуйста, нажмите ещё раз через { $count } секунду.
        [few] Сейчас много запросов. Пожалуйста, нажмите ещё раз через { $count } секунды.
        [many] Сейчас много запросов. Пожалуйста, нажмите ещё раз через { $count } секунд.
       *[other] Сейчас много запросов. Пожалуйста, нажмите ещё раз через { $count } секунды.
    }
toast-another-secret = На экране ещё открыт другой ключ. Сначала нажмите там «Сохранено».
toast-too-many-picked = За один раз можно изменить не больше устройств, чем { $limit }. Больше ничего не выбрано.
toast-check-again = Пожалуйста, проверьте ещё раз.

## The command menu

command-register = Добавить устройство
command-devices = Список устройств и управление ими
command-rename = Изменить имя устройства
command-rotate = Получить новый ключ устройства
command-revoke = Отозвать устройство навсегда
command-revoke-any = Отозвать любое устройство: <ID устройства> [причина]
command-admin = Что могут администраторы
command-clients = Все клиенты или те, что начинаются с текста
command-client = Один клиент: [ID, ID в Telegram или @имя]
command-suspend = Приостановить клиента: [клиент] [причина]
command-resume = Возобновить клиента: [клиент] [причина]
command-audit = Что было сделано и кем: [клиент или устройство]
command-stats = Сколько чего есть и что было сегодня
command-token = Токен на 15 минут для ваших программ
command-help = Что я делаю
command-id = Ваш Telegram ID
command-cancel = Прервать начатое

## Who may use the bot

access-asked =
    <b>Добро пожаловать.</b> Доступ открывает администратор.
    Запрос отправлен; как только придёт ответ, я напишу сюда.
access-waiting =
    Ответа пока нет: запрос отправлен { $at }. Доступ открывает администратор.
    Как только придёт ответ, я напишу сюда.
access-approved = ✅ <b>Доступ открыт.</b> Теперь можно регистрировать устройства.
access-refused = Ваш запрос отклонён.
access-invitation-needed = Доступ есть только у тех, кого пригласили.

newcomer-asks = 👤 <b>Новый запрос доступа</b>
newcomer-name = Имя: <code>{ $name }</code>
newcomer-username = Имя пользователя: @{ $username }
newcomer-id = ID в Telegram: <code>{ $id }</code>
newcomer-asked = Запрос отправлен { $at }
newcomer-approved = ✅ Доступ открыт: <code>{ $name }</code> (<code>{ $id }</code>). Решение: <code>{ $admin }</code>, { $at }.
newcomer-refused = ✖️ Запрос отклонён: <code>{ $name }</code> (<code>{ $id }</code>). Решение: <code>{ $admin }</code>, { $at }.
newcomer-invited = ✅ Доступ открыт по приглашению: <code>{ $name }</code> (<code>{ $id }</code>). Приглашение: <code>{ $admin }</code>, { $at }.
newcomers-none = Запросов доступа нет.
newcomers-heading =
    { $count ->
        [one] Доступа ждёт <b>{ $count } человек</b>.
        [few] Доступа ждут <b>{ $count } человека</b>.
        [many] Доступа ждут <b>{ $count } человек</b>.
       *[other] Доступа ждут <b>{ $count } человека</b>.
    }
button-approve = ✅ Принять
button-refuse = ✖️ Отклонить
button-approve-after-all = Всё-таки принять
button-newcomers = 👤 Ждут ({ $count })
toast-faster-approved = Решение уже есть: принять ({ $admin }).
toast-faster-refused = Решение уже есть: отклонить ({ $admin }).
toast-faster-invited = Доступ уже открыт по приглашению: { $admin }.

command-invite = Поделиться своими устройствами
command-invite-any = Открыть кому-нибудь доступ
button-invite = ✉️ Пригласить
button-invite-client = 👤 Новый клиент
button-invite-join = 👥 К моим устройствам
button-invite-admin = 🛡 Администратор
button-copy-link = 📋 Копировать ссылку
button-withdraw = ↩️ Отозвать приглашение
button-withdraw-all = ↩️ Отозвать открытые ({ $count })
invite-ask = <b>Что должно дать приглашение?</b> Ссылка сработает один раз, для одного человека.
invite-gives-client = <b>Новый клиент</b>: доступ и собственные устройства.
invite-gives-join = <b>К моим устройствам</b>: доступ ко всем вашим устройствам, как у вас. Ключ видит только тот, кто его запросил.
invite-gives-admin = <b>Как администратор</b>: всё, что могут администраторы.
invite-made = 🔗 <b>Приглашение готово.</b>
invite-link = <code>{ $url }</code>
invite-until = Ссылка сработает один раз, срок: { $until }. Доступ получит тот, кто откроет её первым: отправляйте её только тому, кого приглашаете.
invite-withdrawn = ↩️ Приглашение отозвано. Ссылка больше не работает.
invites-withdrawn =
    { $count ->
        [0] Открытых приглашений нет.
        [one] ↩️ Отозвано. { $count } ссылка больше не работает.
        [few] ↩️ Отозвано. { $count } ссылки больше не работают.
        [many] ↩️ Отозвано. { $count } ссылок больше не работают.
       *[other] ↩️ Отозвано. { $count } ссылки больше не работают.
    }
invite-closed-used = Это приглашение уже использовано: отзывать нечего.
invite-closed-expired = Срок этого приглашения истёк: ссылка больше не работает.
invite-unknown = Такого приглашения я не знаю. Попросите новое.
invite-was-used = Это приглашение уже использовано: каждое срабатывает один раз. Попросите новое.
invite-expired = Срок этого приглашения истёк. Попросите новое.
invite-was-withdrawn = Это приглашение отозвано. Попросите новое.
invite-void = Тот, от кого это приглашение, больше не может дать обещанного. Попросите новое.
invite-paused = Доступ того, от кого это приглашение, приостановлен, поэтому сейчас оно не работает.
invite-own = Это ваше собственное приглашение. Оно для другого человека и по-прежнему действует.
invite-already-in = У вас уже есть доступ. Это приглашение для нового человека и по-прежнему действует.
invite-same-client = У вас уже есть доступ к этим устройствам. Приглашение для другого человека и по-прежнему действует.
invite-has-devices = У вас есть свои устройства, поэтому присоединиться к чужим нельзя. Сначала откажитесь от своих: отзовите их и откройте ссылку снова. Ничего не изменилось, приглашение по-прежнему действует.
invite-shares-devices = У вас общие устройства с другими людьми, поэтому присоединиться к кому-то ещё нельзя. Сначала выйдите: устройства останутся у других. Потом откройте ссылку снова. Ничего не изменилось, приглашение по-прежнему действует.
invite-already-admin = Вы уже администратор. Приглашение для другого человека и по-прежнему действует.
invite-joined-client = ✅ <b>Доступ открыт.</b> Теперь можно регистрировать устройства.
invite-joined-join =
    { $count ->
        [0] ✅ <b>Доступ открыт.</b> У вас общие устройства с тем, от кого приглашение; пока их нет.
        [one] ✅ <b>Доступ открыт.</b> У вас общие устройства с тем, от кого приглашение: { $count } устройство.
        [few] ✅ <b>Доступ открыт.</b> У вас общие устройства с тем, от кого приглашение: { $count } устройства.
        [many] ✅ <b>Доступ открыт.</b> У вас общие устройства с тем, от кого приглашение: { $count } устройств.
       *[other] ✅ <b>Доступ открыт.</b> У вас общие устройства с тем, от кого приглашение: { $count } устройства.
    }
invite-joined-admin = ✅ <b>Теперь вы администратор.</b> /help покажет, что вы можете.
invite-used-client = ✉️ По вашему приглашению открыт доступ: <code>{ $name }</code> (<code>{ $id }</code>).
invite-used-join = ✉️ По вашему приглашению открыт доступ к вашим устройствам: <code>{ $name }</code> (<code>{ $id }</code>).
invite-used-admin = ✉️ По вашему приглашению появился администратор: <code>{ $name }</code> (<code>{ $id }</code>).
leave-ask = <b>Выйти и оставить общие устройства другим?</b> Вы их больше не увидите и начнёте без устройств.
leave-done = 🚪 Вы вышли. Устройства остались у других; можно зарегистрировать свои или открыть приглашение.
leave-alone = Вы ни с кем не делите свои устройства, поэтому оставить их некому.
button-leave = 🚪 Выйти
button-leave-now = 🚪 Да, выйти

command-admins = Администраторы: список, назначение, отзыв
command-notices = О чём мне сообщать
button-admins = 🛡 Администраторы
button-name-admin = ➕ Назначить администратора
button-name-now = ✅ Да, назначить
button-remove-admin = ➖ Снять: { $name }
button-remove-now = ➖ Да, снять
button-notices = 🔔 Уведомления
admins-heading = <b>Администраторы</b>
admins-line = <code>{ $name }</code> (<code>{ $id }</code>)
admins-line-fixed = <code>{ $name }</code> (<code>{ $id }</code>) · по настройкам, всегда
admins-how =
    <b>Назначить администратора</b>
    Отправьте /admins и Telegram ID того, у кого есть доступ, например <code>/admins 123456789</code>. Свой ID показывает /id.
    Или создайте приглашение: тот, кто его откроет, станет администратором.
admins-ask-name = Назначить администратора: <code>{ $name }</code> (<code>{ $id }</code>)? У него будут все ваши права, в том числе снять вас.
admins-named = ✅ Новый администратор: <code>{ $name }</code> (<code>{ $id }</code>).
admins-ask-remove = Снять администратора: <code>{ $name }</code> (<code>{ $id }</code>)? Его собственные устройства останутся.
admins-ask-remove-self = Снять администратора, то есть <b>вас</b>? Вернуть вам права сможет только другой администратор.
admins-removed = ➖ Больше не администратор: <code>{ $name }</code> (<code>{ $id }</code>).
admins-removed-self = ➖ Вы больше не администратор.
admins-unknown = Среди тех, у кого есть доступ, нет никого с ID <code>{ $id }</code>. Создайте приглашение.
admins-already = <code>{ $id }</code> уже администратор.
admins-none = Это уже не администратор. Ничего не изменилось.
admins-fixed = Этого администратора задают настройки. В чате это не меняется.
admins-told-named = 🛡 Теперь вы администратор: так решил администратор <code>{ $name }</code>. /help покажет, что вы можете.
admins-told-removed = Вы больше не администратор: так решил администратор <code>{ $name }</code>.

notices-heading = <b>О чём я сообщаю вам как администратору</b>
notices-on = 🔔 { $what }
notices-silent = 🔕 { $what } · без звука
notices-off = ✖️ { $what } · никогда
notices-about-newcomer-waiting = Новый запрос доступа
notices-about-handout-failed-admin = Ключ, который не удалить
notices-about-secret-leaked-admin = Ключ, который мне прислали
notices-about-owner-unreachable = Владелец недоступен
button-notice-on = 🔔 { $what }
button-notice-silent = 🔕 { $what }
button-notice-off = ✖️ { $what }
