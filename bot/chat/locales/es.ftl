# The words of the bot in Spanish. What holds for all languages stands in en.ftl.
#
# The reader is "tú", and no word tells their gender. A secret is a "clave secreta", short "clave".

## Times, for apps that cannot show their own

time-r = el { $day } { month-short }, { $minutes } UTC
time-t = { $minutes } UTC
time-T = { $seconds } UTC
time-D = { $day } de { month-long } de { $year }
time-wDt = { weekday-short } { $day } de { month-long }, { $minutes } UTC
time-within = en un máximo de { $span }

month-short =
    { $month ->
        [1] ene
        [2] feb
        [3] mar
        [4] abr
        [5] may
        [6] jun
        [7] jul
        [8] ago
        [9] sept
        [10] oct
        [11] nov
       *[12] dic
    }
month-long =
    { $month ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    }
weekday-short =
    { $weekday ->
        [1] lun
        [2] mar
        [3] mié
        [4] jue
        [5] vie
        [6] sáb
       *[7] dom
    }

duration-seconds =
    { $count ->
        [one] { $count } segundo
       *[other] { $count } segundos
    }
duration-minutes =
    { $count ->
        [one] { $count } minuto
       *[other] { $count } minutos
    }
duration-hours =
    { $count ->
        [one] { $count } hora
       *[other] { $count } horas
    }

## Buttons

button-register = ➕ Nuevo dispositivo
button-devices = 📟 Mis dispositivos
button-help = ❓ Ayuda
button-back = Volver
button-cancel = Cancelar
button-copy-id = 📋 Copiar ID del dispositivo
button-show-secret = 🔑 Mostrar clave
button-copy-secret = 📋 Copiar clave
button-saved = ✅ Ya lo guardé
button-try-again = 🔁 Reintentar
button-new-secret = 🔄 Nueva clave
button-token = 🔑 Token de API
button-copy-token = 📋 Copiar token
button-sign-out = 🚪 Cerrar sesiones
button-set-up = 🛠 Configurar
button-file = 📄 { $name }
button-rename = ✏️ Renombrar
button-revoke = 🚫 Revocar
button-revoke-now = 🚫 Sí, revocar
button-open = 📟 Ver dispositivo
button-open-named = 📟 Abrir «{ $name }»
button-use-name = Usar «{ $name }»
button-previous = ◀️ Anteriores
button-next = ▶️ Siguientes
button-search = 🔎 Buscar
button-active = Activos ({ $count })
button-revoked = ⛔ Revocados ({ $count })
button-stop-at-once = Desactivar ya
button-private-chat = 💬 Abrir chat privado
button-no-reason = Sin motivo
button-owned = { $name } · { $owner }

## General

welcome = <b>Te damos la bienvenida, { $name }.</b>
welcome-how =
    Aquí registras tus terminales de trading. Cada uno recibe su propia clave secreta, que se muestra una sola vez.
menu-devices =
    { $count ->
        [one] <b>{ $count } dispositivo</b>
       *[other] <b>{ $count } dispositivos</b>
    }
menu-seen =
    { $count ->
        [0] hoy no se ha conectado ninguno
       *[other] conectados hoy: { $count }
    }
menu-never = sin conectar aún: { $count }
suspended = La administración ha pausado tu acceso. Tus dispositivos no podrán conectarse hasta que se reanude.
contact = ¿Preguntas? Escribe a { $contact }.

help-what =
    <b>Qué hago</b>
    Registro tus terminales de trading. Cada uno recibe su propia clave secreta, que se muestra una sola vez, durante { $span }.
help-commands =
    /register – añadir un dispositivo
    /devices – ver y gestionar tus dispositivos
    /rename – cambiar un nombre
    /rotate – obtener una clave nueva
    /revoke – desactivar un dispositivo para siempre
    /token – un token de 15 minutos para tus herramientas
    /invite – compartir tus dispositivos con alguien
    /language – elegir el idioma
    /id – tu ID de Telegram
    /cancel – detener lo que estamos haciendo
help-admin =
    <b>Para administrar</b>
    /admin – lo que se puede administrar
    /clients [texto] – todos los clientes, o aquellos cuyos nombres, ID o dispositivos empiezan así
    /client &lt;ID, ID de Telegram o @usuario&gt; – la ficha de un cliente
    /revoke &lt;ID del dispositivo&gt; [motivo] – revocar el dispositivo de cualquiera
    /invite – dar acceso a alguien
    /admins – ver, nombrar y quitar administradores
    /notices – elegir de qué te aviso
    /suspend [cliente] [motivo] – pausar un cliente
    /resume [cliente] [motivo] – dejar que un cliente en pausa siga
    /audit [cliente o dispositivo] – qué se hizo y quién
    /stats – cuánto hay
help-good =
    <b>Conviene saber</b>
    • ¿Has perdido una clave? Pide una nueva. Nadie puede consultar la anterior.
    • Nunca pido una clave. Si me envías una por error, la borro.
    • Los chats con bots no tienen cifrado de extremo a extremo, y las aplicaciones modificadas pueden conservar mensajes borrados. En caso de duda, pide una clave nueva.
own-id = Tu ID de Telegram: <code>{ $id }</code>
unknown-command = No conozco ese comando. Con /help los ves todos.
not-understood = No he entendido eso. Puedes:
group = Solo hablo en privado, para que nadie más vea tus claves.
slow-down = Vas más rápido que yo. Ve más despacio, por favor, y envíalo de nuevo.

## The language

button-language = 🌐 Idioma
button-language-chosen = ✓ { $name }
button-language-as-app = 📱 Como en mi aplicación
language-name = Español
language-ask = <b>¿En qué idioma te escribo?</b>
language-now = Ahora: <b>{ $name }</b>.
language-follows = Ahora: <b>{ $name }</b>. Sigo el idioma de tu aplicación de Telegram, si lo hablo.
command-language = Elegir el idioma

## Registration

ask-name =
    ¿Cómo lo llamo? Envíame un nombre, por ejemplo <b>VPS Fráncfort</b>.
    Podrás cambiarlo después.
name-blank = Un nombre necesita al menos un carácter visible. Envíame un nombre.
name-too-long =
    { $count ->
        [one] Ese nombre tiene { $count } carácter y el máximo es { $limit }. Envíame uno más corto.
       *[other] Ese nombre tiene { $count } caracteres y el máximo es { $limit }. Envíame uno más corto.
    }
name-control = Un nombre cabe en una línea y no lleva caracteres de control. Envíame otro.
name-secret = Eso contiene la clave secreta de un dispositivo, que nunca debe ser un nombre. Envíame otro.
name-not-text = Por favor, envía el nombre como texto.
name-taken =
    Ya tienes un dispositivo llamado <b>{ $name }</b>. Envíame otro nombre o usa este:
limit-reached = Tienes { $count } de { $limit } dispositivos. Revoca uno que ya no uses para hacer sitio.
cancelled = Cancelado.
stopped = Detenido: has pedido otra cosa.
nothing-registered = No se ha registrado nada.
nothing-to-cancel = No hay nada que cancelar.

## The life of a secret message

card-register =
    <b>{ $name }</b> está casi a punto.

    1. Abre este chat en el ordenador donde funciona tu terminal.
    2. Copia el ID del dispositivo y pégalo en los ajustes del terminal.
    3. Pulsa <b>Mostrar clave</b>. La verás una sola vez, durante { $span }.
card-until = Esta tarjeta vale hasta las { $until }.
card-rotate = Una clave nueva para <b>{ $name }</b> te está esperando.
card-once = La verás una sola vez, durante { $span }.
card-old-works = La anterior seguirá funcionando { $overlap } más, o hasta que se conecte la nueva.
card-old-stops = La anterior dejará de funcionar en ese momento.
card-both-stop = Las dos claves en uso dejarán de funcionar en ese momento.
card-oldest-stops = De las dos claves en uso, la más antigua dejará de funcionar en cuanto veas esta.
card-cancel = Si cancelas, no cambia nada.
card-name-taken = El nombre <b>{ $name }</b> se ha ocupado entretanto.
card-limit-reached =
    { $limit ->
        [one] Entretanto has llegado a tu límite de { $limit } dispositivo.
       *[other] Entretanto has llegado a tu límite de { $limit } dispositivos.
    }
card-no-room = Entretanto has llegado a tu límite de dispositivos.
card-expired = ⌛ Esta tarjeta de <b>{ $name }</b> ha caducado.
card-outdated = Esta tarjeta de <b>{ $name }</b> ya no vale: la sustituye otra más reciente.
card-withdrawn = Esta tarjeta de <b>{ $name }</b> ya no vale.
card-revoked = <b>{ $name }</b> se ha revocado entretanto y no recibe ninguna clave nueva.
old-keeps-working = La clave anterior sigue funcionando.

secret-of = 🔑 La clave secreta de <b>{ $name }</b>
secret-new-of = 🔑 La nueva clave secreta de <b>{ $name }</b>
secret-itself = <tg-spoiler>{ $secret }</tg-spoiler>
secret-how =
    Cópiala, pégala en tu terminal y pulsa <b>Ya lo guardé</b>.
    Este mensaje desaparecerá { $until }. Nadie podrá volver a mostrarte esta clave.
secret-removed = 🔒 Aquí estaba la clave. Ya se ha eliminado.
secret-unconfirmed =
    ⚠️ Telegram no ha confirmado que pudieras ver la clave de <b>{ $name }</b>, así que la he descartado.
secret-interrupted = ⚠️ Me han reiniciado mientras te mostraba la clave de <b>{ $name }</b>, así que la he descartado.
secret-superseded =
    ⚠️ Algo ha cambiado mientras te mostraba la clave de <b>{ $name }</b>, así que la he descartado.
secret-never-works = No funcionará nunca, aunque hayas hecho una copia.
secret-stuck =
    ⚠️ No he podido eliminar el mensaje con la clave de <b>{ $name }</b>. Por favor, bórralo tú.
secret-keep-trying = Lo sigo intentando.

receipt-registered = ✅ <b>{ $name }</b> está registrado.
receipt-registered-cancelled = ✅ <b>{ $name }</b> sigue registrado; he quitado su clave de la pantalla.
receipt-rotated = 🔄 <b>{ $name }</b> tiene una clave nueva.
receipt-rotated-cancelled = 🔄 <b>{ $name }</b> conserva su clave nueva; la he quitado de la pantalla.
receipt-fingerprints = Nueva huella: <code>{ $new }</code> · anterior: <code>{ $old }</code>
receipt-shown = La clave se mostró a las { $at } y se eliminó al cabo de { $span }.
receipt-shown-interrupted =
    La clave se mostró a las { $at } y se eliminó al cabo de { $span } en lugar de { $planned }, porque me reiniciaron. Si alguien más pudo ver tu pantalla, pulsa <b>Nueva clave</b>.
receipt-new-shown = Se mostró a las { $at } y se eliminó al cabo de { $span }.
receipt-new-shown-interrupted =
    Se mostró a las { $at } y se eliminó al cabo de { $span } en lugar de { $planned }, porque me reiniciaron. Si alguien más pudo ver tu pantalla, pulsa <b>Nueva clave</b>.
receipt-next = Te avisaré cuando se conecte por primera vez. ¿No guardaste la clave? Pulsa <b>Nueva clave</b>.
first-login-unknown = 🟢 <b>{ $name }</b> se ha conectado por primera vez. Todo listo.
first-login = 🟢 <b>{ $name }</b> se ha conectado por primera vez, desde <code>{ $address }</code>. Todo listo.
old-works-until = La clave anterior funciona hasta el { $until }, o hasta que se conecte la nueva.
old-stopped = La clave anterior ha dejado de funcionar.

## Setting a terminal up

setup-title = 🛠 <b>Configurar { $name }</b>
setup-allow =
    <b>MetaTrader 5</b>
    1. Herramientas → Opciones → Asesores Expertos: marca <i>Permitir WebRequest para las siguientes URL</i> y añade la dirección de abajo.
setup-address = <code>{ $address }</code>
setup-include = 2. Guarda <i>DeviceAuth.mqh</i> en la carpeta <i>MQL5/Include</i> de tu terminal (Archivo → Abrir carpeta de datos).
setup-secret = 3. Pon la clave en un archivo de texto en <i>MQL5/Files</i> y dale a tu asesor experto el ID del dispositivo.
setup-python =
    <b>Python</b>
    Guarda <i>device_auth.py</i> junto a tu script y la clave en un archivo aparte; la dirección es <code>{ $address }</code>.

## API tokens

token-card =
    Un <b>token de API</b> para tus herramientas te está esperando.

    Lo verás una sola vez, durante { $span }. Funciona { $life } y vale para todos tus dispositivos.
    Quien lo tenga puede hacer con tus dispositivos lo mismo que tú.
token-none-made = No se ha creado ningún token.
token-expired = ⌛ Esta tarjeta de un token de API ha caducado.
token-outdated = Esta tarjeta de un token de API ya no vale: la sustituye otra más reciente.
token-withdrawn = Esta tarjeta de un token de API ya no vale.
token-others-work = Tus demás tokens siguen funcionando.

token-title = 🔑 Tu <b>token de API</b>
token-how =
    Cópialo, pégalo en tu herramienta y pulsa <b>Ya lo guardé</b>.
    Este mensaje desaparecerá { $until }. Nadie podrá volver a mostrarte este token.
token-unconfirmed =
    ⚠️ Telegram no ha confirmado que pudieras ver tu token de API, así que lo he descartado.
token-interrupted = ⚠️ Me han reiniciado mientras te mostraba tu token de API, así que lo he descartado.
token-superseded = ⚠️ Algo ha cambiado mientras te mostraba tu token de API, así que lo he descartado.
token-stuck = ⚠️ No he podido eliminar el mensaje con tu token de API. Por favor, bórralo tú.

token-receipt = ✅ Tienes un nuevo <b>token de API</b>.
token-receipt-cancelled = ✅ Conservas tu nuevo <b>token de API</b>; lo he quitado de la pantalla.
token-shown = Se mostró a las { $at } y se eliminó al cabo de { $span }.
token-shown-interrupted =
    Se mostró a las { $at } y se eliminó al cabo de { $span } en lugar de { $planned }, porque me reiniciaron. Si alguien más pudo ver tu pantalla, pulsa <b>Cerrar sesiones</b>.
token-works-until = Funciona hasta las { $until }.
token-over = Ya ha caducado.
token-signed-out = 🚪 Todos los tokens de API dejaron de valer a las { $at }. Pide uno nuevo cuando lo necesites.

token-pasted-deleted =
    🗑 He borrado tu mensaje: contenía un token de API. Quien lo haya visto puede hacer con tus dispositivos lo mismo que tú, hasta que caduque. En caso de duda, cierra las sesiones.
token-pasted-not-deleted =
    ⚠️ Tu mensaje contiene un token de API y no he podido borrarlo. Por favor, bórralo ahora. En caso de duda, cierra las sesiones.

## Devices

devices-heading = <b>Tus dispositivos</b> · { $count } de { $limit }
devices-heading-revoked = <b>Dispositivos revocados</b> · { $count }
devices-none = Aún no tienes dispositivos.
devices-none-left = Ahora no tienes dispositivos.
devices-none-revoked = No tienes dispositivos revocados.
devices-which = ¿Qué dispositivo?
devices-found = <b>Encontrados: { $count }</b> para <b>{ $term }</b>
devices-not-found = No hay nada para <b>{ $term }</b>.
devices-ask-term = Envíame parte de un nombre o una huella.
devices-seen = <b>{ $name }</b> · visto { $at }
devices-never = <b>{ $name }</b> · nunca conectado
devices-revoked = <b>{ $name }</b> · revocado { $at }

device-title = <b>{ $name }</b>
device-id = ID del dispositivo: <code>{ $id }</code>
device-fingerprint = Huella: <code>{ $fingerprint }</code>
device-registered = Registrado el { $on }
device-seen = Visto { $at }
device-seen-from = Visto { $at } desde <code>{ $address }</code>
device-never = Nunca se ha conectado.
device-never-yet = Nunca se ha conectado. Los pasos están en <b>Configurar</b>.
device-overlap =
    La clave anterior <code>{ $fingerprint }</code> funciona hasta el { $until }, o hasta que se conecte la nueva.
device-revoked-by-you = Lo revocaste { $at }.
device-revoked-by-admin = La administración lo revocó { $at }.
device-revoked-by-admin-because = La administración lo revocó { $at }: <i>{ $reason }</i>

rename-ask = Envíame el nuevo nombre de <b>{ $name }</b>.
renamed = ✏️ <b>{ $old }</b> ahora se llama <b>{ $new }</b>. Tu terminal no necesita ningún cambio.
rename-same = Ya se llama <b>{ $name }</b>.
rename-revoked = <b>{ $name }</b> se ha revocado entretanto y conserva su nombre.
rename-cancelled = Cancelado. El nombre no cambia.

## A new secret

rotate-ask = <b>Una clave nueva para { $name }</b>
rotate-how-long =
    ¿Cuánto tiempo debe seguir funcionando la anterior después de que veas la nueva?
    En todo caso deja de funcionar en cuanto se conecte la nueva.

## Revoke

revoke-ask = <b>¿Revocar { $name }?</b>
revoke-for-good = Dejará de funcionar de inmediato y para siempre.
revoke-seen = Visto por última vez { $at }.
revoke-never = Nunca se ha conectado.
revoke-name-free = Su nombre volverá a quedar libre.
revoked = ⛔ <b>{ $name }</b> está revocado desde las { $at }. Toda petición posterior se rechaza.
revoked-already-by-you = ⛔ <b>{ $name }</b> ya estaba revocado: lo revocaste { $at }.
several-match =
    { $count ->
        [one] { $count } dispositivo empieza por <code>{ $id }</code>. ¿Cuál?
       *[other] { $count } dispositivos empiezan por <code>{ $id }</code>. ¿Cuál?
    }
revoked-already-by-admin = ⛔ <b>{ $name }</b> ya estaba revocado: la administración lo revocó { $at }.

## What admins do, and what owners read of it

admin-revoke-ask = <b>¿Revocar este dispositivo?</b>
admin-device = Dispositivo: <code>{ $name }</code> (<code>{ $id }</code>)
admin-owner = Titular: <code>{ $owner }</code>
admin-owner-username = Titular: <code>{ $owner }</code> @{ $username }
admin-owner-reads = El titular leerá: <i>{ $reason }</i>
admin-ask-reason = ¿Por qué? El titular lo leerá.
admin-revoked =
    ⛔ <code>{ $name }</code> (<code>{ $id }</code>) de <code>{ $owner }</code> está revocado desde las { $at }. Aviso al titular.
admin-revoked-ownerless = ⛔ <code>{ $name }</code> (<code>{ $id }</code>) está revocado desde las { $at }.
admin-already-revoked = ⛔ <code>{ $name }</code> se revocó { $at }.
admin-already-revoked-by = ⛔ <code>{ $name }</code> se revocó { $at }; lo hizo <code>{ $admin }</code>.
admin-cancelled = Cancelado. No se ha revocado nada.
admin-unknown = No conozco ningún dispositivo con el ID <code>{ $id }</code>.
admin-owner-unreachable = No se ha podido avisar al titular de <code>{ $name }</code>: me ha bloqueado.
admin-secret-stuck =
    ⚠️ No he podido eliminar el mensaje con la clave de <code>{ $name }</code> (<code>{ $id }</code>) del chat de <code>{ $telegram_id }</code>. Se ha pedido al titular que lo borre.
admin-token-stuck =
    ⚠️ No he podido eliminar el mensaje con un token de API del chat de <code>{ $telegram_id }</code>. Se ha pedido al titular que lo borre.
reason-lost = Pérdida o robo
reason-leaked = Clave filtrada
reason-unneeded = Ya no hace falta

owner-revoked = ⛔ La administración ha revocado tu dispositivo <b>{ $name }</b> a las { $at }.
owner-revoked-reason = Motivo: <i>{ $reason }</i>
owner-revoked-next = Ya no puede conectarse. Si aún lo necesitas, regístralo de nuevo: recibirá una clave nueva.
owner-unknown = No tienes ningún dispositivo con el ID <code>{ $id }</code>.

## Grupos, y varios dispositivos a la vez

button-group = 🗂 Grupo
button-no-group = Sin grupo
button-select = ☑️ Seleccionar varios
button-picked = ✅ { $name }
button-unpicked = ▫️ { $name }
button-whole-group = 🗂 Un grupo entero
button-revoke-picked = 🚫 Revocar ({ $count })
button-regroup-picked = 🗂 Grupo ({ $count })
button-yes-regroup = 🗂 Sí, cambiarlo

device-group = Grupo: <b>{ $group }</b>
device-group-none = Grupo: ninguno

group-ask = ¿En qué grupo debe estar <b>{ $name }</b>?
group-ask-several =
    { $count ->
        [one] ¿En qué grupo debe estar este dispositivo?
       *[other] ¿En qué grupo deben estar estos { $count } dispositivos?
    }
group-how = Elige uno o envíame el nombre de uno nuevo.
group-how-first = Envíame un nombre para él.
group-set = 🗂 <b>{ $name }</b> está ahora en el grupo <b>{ $group }</b>.
group-left = 🗂 <b>{ $name }</b> ya no está en ningún grupo.
group-cancelled = Cancelado. El grupo no cambia.
group-not-text = Por favor, envía el nombre del grupo como texto.
group-revoked = <b>{ $name }</b> se ha revocado entretanto y conserva su grupo.

select-heading = <b>Seleccionar dispositivos</b> · seleccionados: { $count }
select-how = Toca un dispositivo para seleccionarlo, o de nuevo para dejarlo fuera. Después elige qué hacer con todos.
select-groups = ¿Qué grupo? Se seleccionarán todos sus dispositivos.

several-revoke-ask =
    { $count ->
        [one] <b>¿Revocar { $count } dispositivo?</b>
       *[other] <b>¿Revocar { $count } dispositivos?</b>
    }
several-revoke-for-good =
    { $count ->
        [one] Dejará de funcionar de inmediato y para siempre.
       *[other] Dejarán de funcionar de inmediato y para siempre.
    }
several-regroup-ask =
    { $count ->
        [one] ¿Poner { $count } dispositivo en el grupo <b>{ $group }</b>?
       *[other] ¿Poner { $count } dispositivos en el grupo <b>{ $group }</b>?
    }
several-ungroup-ask =
    { $count ->
        [one] ¿Sacar { $count } dispositivo de su grupo?
       *[other] ¿Sacar { $count } dispositivos de sus grupos?
    }
several-named = • <b>{ $name }</b>
several-more = … y { $count } más
several-revoked =
    { $count ->
        [one] ⛔ { $count } dispositivo está revocado desde { $at }. Cualquier solicitud posterior se rechaza.
       *[other] ⛔ { $count } dispositivos están revocados desde { $at }. Cualquier solicitud posterior se rechaza.
    }
several-regrouped =
    { $count ->
        [one] 🗂 { $count } dispositivo está ahora en el grupo <b>{ $group }</b>.
       *[other] 🗂 { $count } dispositivos están ahora en el grupo <b>{ $group }</b>.
    }
several-ungrouped =
    { $count ->
        [one] 🗂 { $count } dispositivo ya no está en ningún grupo.
       *[other] 🗂 { $count } dispositivos ya no están en ningún grupo.
    }
several-unchanged = No se ha cambiado nada.
several-already =
    { $count ->
        [one] { $count } dispositivo ya estaba revocado.
       *[other] { $count } dispositivos ya estaban revocados.
    }

## Una clave nueva, más tarde

secret-used =
    ✅ <b>{ $name }</b> se ha conectado con su clave nueva, desde <code>{ $address }</code>. La anterior ha dejado de funcionar.
secret-used-unknown = ✅ <b>{ $name }</b> se ha conectado con su clave nueva. La anterior ha dejado de funcionar.
overlap-ends-soon =
    ⏳ <b>{ $name }</b> todavía usa su clave anterior, que dejará de funcionar { $at }. Pon la nueva en tu terminal o pide otra.
overlap-ended = ⚠️ La clave anterior de <b>{ $name }</b> ha dejado de funcionar, y la nueva aún no se ha conectado.
time-in-one-hour = dentro de una hora

## Claves en un mensaje al bot

button-new-secret-of = 🔄 Clave · { $name }
button-revoke-of = 🚫 Revocar · { $name }

pasted-own = 🗑 He borrado tu mensaje: contenía la clave secreta de <b>{ $name }</b>.
pasted-own-danger = Quien la haya visto puede hacerse pasar por tu dispositivo. Por favor, pide una nueva.
pasted-own-revoked = Ese dispositivo está revocado, así que la clave no funciona en ninguna parte.
pasted-several = 🗑 He borrado tu mensaje: contenía claves secretas de tus dispositivos.
pasted-one-of = • <b>{ $name }</b>
pasted-one-of-revoked = • <b>{ $name }</b>, que está revocado
pasted-several-danger = Quien las haya visto puede hacerse pasar por tus dispositivos. Por favor, pide claves nuevas.
pasted-others = También contenía la clave de otro dispositivo.
secret-deleted = 🗑 He borrado tu mensaje: contenía la clave secreta de un dispositivo. Por favor, no envíes nunca una clave en un chat, ni siquiera a mí.
secret-not-deleted =
    ⚠️ Tu mensaje contiene la clave secreta de un dispositivo y no he podido borrarlo. Por favor, bórralo ahora.
still-waiting = Sigo esperando el nombre.
still-waiting-group = Sigo esperando el nombre del grupo.
still-waiting-term = Sigo esperando lo que debo buscar.
secret-leaked =
    ⚠️ Alguien me ha enviado la clave secreta de tu dispositivo <b>{ $name }</b>, así que la conoce. Por favor, pide una nueva ahora.
admin-secret-leaked =
    ⚠️ <code>{ $sender }</code> (<code>{ $telegram_id }</code>) me ha enviado la clave secreta de <code>{ $name }</code> (<code>{ $id }</code>), un dispositivo de otro cliente. He avisado a su dueño.

## Clients, for admins

button-admin = 🛡 Administrar
button-clients = 👥 Clientes
button-open-client = 👤 Ver cliente
button-client-devices = 📟 Equipos ({ $count })
button-revoke-all = 🚫 Revocar todos
button-suspend = ⏸ Pausar
button-suspend-now = ⏸ Sí, pausar
button-resume = ▶️ Reanudar
button-resume-now = ▶️ Sí, reanudar
button-limit = 🔢 Límite
button-limit-standard = Como los demás ({ $limit })
button-audit = 📜 Registro
button-forget = 🗑 Olvidar
button-stats = 📊 Cifras
button-count-again = 🔁 Contar otra vez
button-newer = ◀️ Más nuevo
button-older = ▶️ Más antiguo

admin-menu =
    <b>Para administrar</b>
    Busca un cliente, mira qué se hizo o cuánto hay.

clients-heading = <b>Clientes</b>, primero los más nuevos
clients-none = Todavía no hay clientes.
clients-none-suspended = Nadie está en pausa.
clients-which-suspend = ¿Qué cliente hay que pausar?
clients-which-resume = ¿Qué cliente puede seguir?
clients-found = <b>Encontrado</b> para <code>{ $term }</code>
clients-not-found = Nada empieza por <code>{ $term }</code>: ni un nombre, ni un nombre de usuario, ni un ID de Telegram, ni un dispositivo.
clients-ask-term = Envíame el comienzo de un nombre, un @usuario, un ID de Telegram o el nombre de un dispositivo.
clients-several = Varios clientes coinciden con <code>{ $id }</code>. ¿Cuál?
clients-unknown = No conozco ningún cliente <code>{ $id }</code>.
client-gone = Ese cliente ya no está aquí.
client-cancelled = Cancelado. No ha cambiado nada.

client-row = <code>{ $name }</code>
client-row-username = <code>{ $name }</code> @{ $username }
client-row-matched = <code>{ $text }</code>
client-row-suspended = ⏸ en pausa

client-title = 👤 <code>{ $name }</code>
client-named = Cliente: <code>{ $client }</code>
client-id = ID del cliente: <code>{ $id }</code>
client-active = Activo
client-suspended = ⏸ En pausa
client-suspended-at = ⏸ En pausa: { $at }
client-suspended-by = ⏸ En pausa: { $at }, por <code>{ $admin }</code>
client-reason = Motivo: <i>{ $reason }</i>
client-counts = { $count } de { $limit } dispositivos
client-count-revoked = revocados: { $count }
client-since = Aquí desde el { $on }
client-people = <b>Quién escribe por él</b>
client-people-more = … y { $count } más
client-person = <code>{ $name }</code> · <code>{ $id }</code>
client-person-username = <code>{ $name }</code> @{ $username } · <code>{ $id }</code>
client-person-blocked = me ha bloqueado

client-devices = Dispositivos de <code>{ $client }</code> · { $count }
client-devices-revoked = Dispositivos revocados de <code>{ $client }</code> · { $count }
client-device-seen = <code>{ $name }</code> · visto: { $at }
client-device-never = <code>{ $name }</code> · nunca se ha conectado
client-device-revoked = <code>{ $name }</code> · revocado: { $at }
client-device-ended = Revocado: { $at }
client-device-ended-by = Revocado: { $at }, por <code>{ $admin }</code>

client-ask-reason = ¿Por qué? Su gente lo leerá. Toca un motivo o envíame uno con tus palabras.
client-people-read = Su gente leerá: <i>{ $reason }</i>
client-own = Tú también estás en este cliente. Pídeselo a otra persona que administre: te quedarías fuera.
client-unreachable = No se pudo avisar a alguien de <code>{ $client }</code>: me ha bloqueado.

suspend-ask = <b>¿Pausar este cliente?</b>
suspend-means =
    { $count ->
        [0] No tiene dispositivos. Su gente no podrá hacer nada aquí hasta que se reanude.
        [one] Su dispositivo y sus tokens dejan de funcionar en el acto y vuelven a funcionar cuando se reanude.
       *[other] Sus { $count } dispositivos y sus tokens dejan de funcionar en el acto y vuelven a funcionar cuando se reanude.
    }
suspended-client = ⏸ <code>{ $client }</code> está en pausa desde las { $at }. Aviso a su gente.
suspended-already = ⏸ <code>{ $client }</code> ya está en pausa.
resume-ask = <b>¿Reanudar este cliente?</b>
resume-means =
    { $count ->
        [0] No tiene dispositivos. Su gente puede seguir.
        [one] Su dispositivo vuelve a funcionar y su gente puede seguir.
       *[other] Sus { $count } dispositivos vuelven a funcionar y su gente puede seguir.
    }
resumed-client = ▶️ <code>{ $client }</code> sigue desde las { $at }. Aviso a su gente.
resumed-already = <code>{ $client }</code> no está en pausa.
revoke-all-ask = <b>¿Revocar todos los dispositivos de este cliente?</b>
revoke-all-means =
    { $count ->
        [0] No tiene ninguno que se pueda revocar.
        [one] Su único dispositivo deja de funcionar en el acto y para siempre.
       *[other] Sus { $count } dispositivos dejan de funcionar en el acto y para siempre.
    }
revoked-all =
    { $count ->
        [one] ⛔ { $count } dispositivo de <code>{ $client }</code> está revocado desde las { $at }. Aviso a su gente.
       *[other] ⛔ { $count } dispositivos de <code>{ $client }</code> están revocados desde las { $at }. Aviso a su gente.
    }
revoked-none = <code>{ $client }</code> no tiene dispositivos que se puedan revocar.

limit-ask =
    ¿Cuántos dispositivos puede tener <code>{ $client }</code>? Ahora puede tener { $limit } y tiene { $count }.
    Toca un número o envíame uno. Si son menos de los que tiene, no se revoca ninguno, pero no puede añadir más.
limit-refused = Envíame un número entero del 0 al { $limit }.
limit-set = ✅ Dispositivos que ahora puede tener <code>{ $client }</code>: { $limit }.
limit-set-below = ✅ Dispositivos que ahora puede tener <code>{ $client }</code>: { $limit }. Conserva los { $count } que tiene y no puede añadir más.

forget-ask = <b>¿Olvidar este cliente?</b>
forget-means =
    Se borra con todo lo que tiene: sus dispositivos ({ $devices }), que dejan de funcionar en el acto y para siempre, y su gente aquí ({ $people }), a la que aviso. El registro se conserva.
forget-confirm =
    Para confirmar, envíame <code>{ $text }</code>. Si su gente debe leer un motivo, escríbelo en las líneas siguientes.
forget-refused =
    No es eso, y no se ha olvidado nada. Para confirmar, envíame <code>{ $text }</code>.
forgotten = 🗑 <code>{ $client }</code> queda olvidado, y sus dispositivos también. Aviso a su gente.

told-suspended = ⏸ La administración ha pausado tu acceso a las { $at }.
told-suspended-next = Tus dispositivos no podrán conectarse hasta que se reanude.
told-resumed = ▶️ La administración ha reanudado tu acceso a las { $at }.
told-resumed-next = Tus dispositivos pueden conectarse de nuevo, y tú puedes seguir.
told-all-revoked =
    { $count ->
        [one] ⛔ La administración ha revocado tu dispositivo a las { $at }.
       *[other] ⛔ La administración ha revocado tus { $count } dispositivos a las { $at }.
    }
told-all-revoked-next = Ya no pueden conectarse. Lo que aún necesites, regístralo otra vez: recibirá una clave nueva.
told-forgotten = 🗑 La administración te ha quitado de este registro a las { $at }.
told-forgotten-next = Tus dispositivos se han borrado con él y ya no pueden conectarse.

## The audit, for admins

audit-heading = <b>Registro</b>, primero lo más nuevo
audit-heading-client = <b>Registro</b> del cliente <code>{ $id }</code>, primero lo más nuevo
audit-heading-device = <b>Registro</b> del dispositivo <code>{ $id }</code>, primero lo más nuevo
audit-none = Aquí no hay nada anotado.
audit-several = Varias cosas coinciden con <code>{ $id }</code>. ¿Cuál?
audit-unknown = No conozco ni un cliente ni un dispositivo <code>{ $id }</code>.
audit-system = el bot
audit-nobody = nadie
audit-name = <code>{ $name }</code>
audit-device = <code>{ $name }</code> (<code>{ $id }</code>)
audit-limit-standard = como los demás
audit-client-created = { $who } llegó como cliente { $client }.
audit-client-deleted = { $who } olvidó al cliente { $client }.
audit-client-limit = { $who } fijó el límite de dispositivos de { $client }: { $limit }.
audit-client-resumed = { $who } reanudó a { $client }.
audit-client-suspended = { $who } pausó a { $client }.
audit-device-registered = { $who } registró { $device } para { $client }.
audit-device-renamed = { $who } cambió el nombre de un dispositivo de { $client }: ahora { $device }.
audit-device-revoked = { $who } revocó { $device } de { $client }.
audit-handout-failed = No se pudo quitar de un chat una clave de { $client } (dispositivo { $device }).
audit-notice-dropped = No se pudo entregar un aviso: quien debía leerlo me ha bloqueado.
audit-secret-rotated = { $who } dio una clave nueva a { $device } de { $client }.
audit-tokens-voided = { $who } anuló todos los tokens de { $client }.
audit-access-asked = { $who } pidió acceso.
audit-access-approved = { $who } dio acceso a { $client }.
audit-access-refused = { $who } negó el acceso a alguien.
audit-admin-named = { $who } nombró a alguien para la administración.
audit-admin-removed = { $who } quitó a alguien de la administración.
audit-copy-confirmed = { $who } permitió conectarse a un bot iniciado desde una copia.
audit-client-left = { $who } dejó el cliente { $client }.
audit-device-regrouped = { $who } cambió el grupo de { $device } de { $client }.
audit-invite-created = { $who } creó una invitación.
audit-invite-used = { $who } entró con una invitación.
audit-invite-withdrawn = { $who } retiró una invitación.
audit-invites-withdrawn = { $who } retiró todas sus invitaciones.
audit-secret-pasted = { $who } me envió la clave de { $device } de { $client }.
audit-other = { $who }: <code>{ $action }</code>, cliente { $client }.

## Figures, for admins

stats-heading = <b>Cifras</b>
stats-clients =
    { $count ->
        [one] { $count } cliente, en pausa: { $suspended }
       *[other] { $count } clientes, en pausa: { $suspended }
    }
stats-devices =
    { $count ->
        [one] { $count } dispositivo, y revocados: { $revoked }
       *[other] { $count } dispositivos, y revocados: { $revoked }
    }
stats-seen = Vistos en los últimos cinco minutos: { $count }
stats-open =
    { $count ->
        [one] { $count } clave o tarjeta a la vista
       *[other] { $count } claves o tarjetas a la vista
    }
stats-since = Desde: { $at }
stats-shown =
    { $count ->
        [one] { $count } clave mostrada
       *[other] { $count } claves mostradas
    }
stats-destroyed =
    { $count ->
        [one] { $count } destruido
       *[other] { $count } destruidos
    }
stats-failed = No se pudieron quitar: { $count }

## Un bot que se inició desde una copia de seguridad

copy-started = ⚠️ <b>Me han iniciado desde una copia de seguridad</b>, hecha el { $at }.
copy-unknown =
    No sé qué ocurrió después. Los dispositivos revocados, los clientes suspendidos, los administradores retirados y las claves reemplazadas desde entonces están aquí como antes. Las invitaciones anteriores ya no sirven.
copy-next =
    Ningún dispositivo puede conectarse hasta que lo permitas. Si sabes de algún cambio así, hazlo antes de nuevo. Todos los dispositivos tendrán que iniciar sesión otra vez.
copy-confirmed =
    ✅ Los dispositivos pueden conectarse de nuevo desde el { $at }. La copia se hizo el { $taken_at }.
copy-confirmed-by =
    ✅ <code>{ $admin }</code> permitió que los dispositivos se conecten de nuevo el { $at }. La copia se hizo el { $taken_at }.
button-confirm-copy = Permitir conexiones

## Toasts: plain text, at most 200 characters

toast-removed = Ya se eliminó.
toast-changed = Eso ha cambiado entretanto. Así está ahora.
toast-device-gone = Ese dispositivo ya no está aquí.
toast-page-gone = Esa página ya no existe. Esta es la primera.
toast-client-gone = Ese cliente ya no está aquí.
toast-not-allowed = Ya no puedes hacer eso.
toast-records-away = Ahora no puedo acceder a mis registros. No se ha cambiado nada. Inténtalo de nuevo en un minuto.
toast-records-wait = Ahora no puedo acceder a mis registros. Lo atenderé en cuanto pueda; no se pierde nada.
toast-unknown = No ha funcionado. Si se repite, da este número a la administración: { $number }.
toast-old-copy = Es una copia antigua. Usa la tarjeta más reciente.
toast-busy =
    { $count ->
        [one] Hay mucha demanda. Vuelve a pulsar dentro de { $count } segundo.
       *[other] Hay mucha demanda. Vuelve a pulsar dentro de { $count } segundos.
    }
toast-another-secret = Aún tienes otra clave en pantalla. Pulsa antes allí «Ya lo guardé».
toast-too-many-picked = Se pueden cambiar como máximo { $limit } dispositivos a la vez. No se ha seleccionado nada más.
toast-check-again = Compruébalo otra vez, por favor.

## The command menu

command-register = Añadir un dispositivo
command-devices = Ver y gestionar tus dispositivos
command-rename = Cambiar el nombre de un dispositivo
command-rotate = Obtener una clave nueva para un dispositivo
command-revoke = Desactivar un dispositivo para siempre
command-revoke-any = Revocar cualquier dispositivo: <ID del dispositivo> [motivo]
command-admin = Lo que se puede administrar
command-clients = Todos los clientes, o los que empiezan por un texto
command-client = Un cliente: [ID, ID de Telegram o @usuario]
command-suspend = Pausar un cliente: [cliente] [motivo]
command-resume = Dejar que un cliente siga: [cliente] [motivo]
command-audit = Qué se hizo y quién: [cliente o dispositivo]
command-stats = Cuánto hay y qué ha pasado hoy
command-token = Obtener un token de 15 minutos para tus herramientas
command-help = Qué hago
command-id = Tu ID de Telegram
command-cancel = Detener lo que estamos haciendo

## Who may use the bot

access-asked =
    <b>Te damos la bienvenida.</b> La administración tiene que darte acceso.
    Ya lo he pedido, y te escribiré aquí en cuanto haya una respuesta.
access-waiting =
    Aún sin respuesta: lo pedí { $at }. La administración tiene que darte acceso.
    Te escribiré aquí en cuanto haya una respuesta.
access-approved = ✅ <b>Ya tienes acceso.</b> Ahora puedes registrar tus dispositivos.
access-refused = Tu solicitud no ha sido aceptada.
access-invitation-needed = Solo doy acceso a quienes tienen una invitación.

newcomer-asks = 👤 <b>Alguien pide acceso</b>
newcomer-name = Nombre: <code>{ $name }</code>
newcomer-username = Usuario: @{ $username }
newcomer-id = ID de Telegram: <code>{ $id }</code>
newcomer-asked = Lo pidió { $at }
newcomer-approved = ✅ <code>{ $admin }</code> dio acceso a <code>{ $name }</code> (<code>{ $id }</code>) a las { $at }.
newcomer-refused = ✖️ <code>{ $admin }</code> rechazó a <code>{ $name }</code> (<code>{ $id }</code>) a las { $at }.
newcomer-invited = ✅ <code>{ $name }</code> (<code>{ $id }</code>) entró con una invitación de <code>{ $admin }</code> a las { $at }.
newcomers-none = Nadie espera acceso.
newcomers-heading =
    { $count ->
        [one] <b>{ $count } persona espera</b> acceso.
        [many] <b>{ $count } de personas esperan</b> acceso.
       *[other] <b>{ $count } personas esperan</b> acceso.
    }
button-approve = ✅ Aceptar
button-refuse = ✖️ Rechazar
button-approve-after-all = Aceptar de todos modos
button-newcomers = 👤 Esperan ({ $count })
toast-faster-approved = { $admin } se adelantó: aceptado.
toast-faster-refused = { $admin } se adelantó: rechazado.
toast-faster-invited = Ya ha entrado, con una invitación de { $admin }.

command-invite = Compartir tus dispositivos con alguien
command-invite-any = Dar acceso a alguien
button-invite = ✉️ Invitar
button-invite-client = 👤 Cliente nuevo
button-invite-join = 👥 Unirse a mi cliente
button-invite-admin = 🛡 Administración
button-copy-link = 📋 Copiar enlace
button-withdraw = ↩️ Retirarla
button-withdraw-all = ↩️ Retirar las abiertas ({ $count })
invite-ask = <b>¿Qué debe dar la invitación?</b> Creo un enlace que funciona una vez, para una persona.
invite-gives-client = <b>Cliente nuevo</b>: entra y registra sus propios dispositivos.
invite-gives-join = <b>Unirse a mi cliente</b>: ve y gestiona todos tus dispositivos, igual que tú. Una clave se muestra solo a quien la pide.
invite-gives-admin = <b>En la administración</b>: puede hacer todo lo que hace la administración.
invite-made = 🔗 <b>Aquí está la invitación.</b>
invite-link = <code>{ $url }</code>
invite-until = Funciona una vez, hasta { $until }. Entra quien la abra primero: envíala solo a la persona que quieres.
invite-withdrawn = ↩️ Retirada. El enlace ya no funciona.
invites-withdrawn =
    { $count ->
        [0] No hay invitaciones abiertas que retirar.
        [one] ↩️ Retirada. El enlace ya no funciona.
        [many] ↩️ Retiradas. { $count } de enlaces ya no funcionan.
       *[other] ↩️ Retiradas. { $count } enlaces ya no funcionan.
    }
invite-closed-used = Esta invitación ya se ha usado: no hay nada que retirar.
invite-closed-expired = Esta invitación ha caducado: su enlace ya no funciona.
invite-unknown = No conozco esta invitación. Pide otra.
invite-was-used = Esta invitación ya se ha usado: cada una funciona una vez. Pide otra.
invite-expired = Esta invitación ha caducado. Pide otra.
invite-was-withdrawn = Quien hizo esta invitación la ha retirado. Pide otra.
invite-void = Quien hizo esta invitación ya no puede dar lo que promete. Pide otra.
invite-paused = El acceso de quien hizo esta invitación está en pausa, así que ahora no deja entrar a nadie.
invite-own = Esta invitación es tuya. Es para otra persona, y sigue siendo válida.
invite-already-in = Ya tienes acceso. Esta invitación es para alguien nuevo, y sigue siendo válida.
invite-same-client = Ya compartes estos dispositivos. La invitación es para otra persona, y sigue siendo válida.
invite-has-devices = Tienes dispositivos propios, así que no puedes unirte a los de otra persona. Renuncia antes a los tuyos: revócalos y abre el enlace otra vez. No ha cambiado nada, y la invitación sigue siendo válida.
invite-shares-devices = Compartes dispositivos con otras personas, así que no puedes unirte a nadie más. Déjalos antes: los demás se quedan con ellos. Después abre el enlace otra vez. No ha cambiado nada, y la invitación sigue siendo válida.
invite-already-admin = Ya formas parte de la administración. La invitación es para otra persona, y sigue siendo válida.
invite-joined-client = ✅ <b>Ya tienes acceso.</b> Ahora puedes registrar tus dispositivos.
invite-joined-join =
    { $count ->
        [0] ✅ <b>Ya tienes acceso.</b> Compartes los dispositivos de quien te invitó; todavía no hay ninguno.
        [one] ✅ <b>Ya tienes acceso.</b> Compartes los dispositivos de quien te invitó: { $count } dispositivo.
        [many] ✅ <b>Ya tienes acceso.</b> Compartes los dispositivos de quien te invitó: { $count } de dispositivos.
       *[other] ✅ <b>Ya tienes acceso.</b> Compartes los dispositivos de quien te invitó: { $count } dispositivos.
    }
invite-joined-admin = ✅ <b>Ya formas parte de la administración.</b> /help muestra lo que puedes hacer.
invite-used-client = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) abrió tu invitación y ya tiene acceso.
invite-used-join = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) abrió tu invitación y ahora comparte tus dispositivos.
invite-used-admin = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) abrió tu invitación y ahora administra.
leave-ask = <b>¿Dejar los dispositivos compartidos?</b> Los demás se quedan con ellos. Tú ya no los verás, y empezarás sin ninguno.
leave-done = 🚪 Los has dejado. Los demás se quedan con los dispositivos; puedes registrar los tuyos o abrir una invitación.
leave-alone = No compartes tus dispositivos con nadie, así que no hay a quién dejárselos.
button-leave = 🚪 Dejarlos
button-leave-now = 🚪 Sí, dejarlos

command-admins = Ver, nombrar y quitar administradores
command-notices = Elegir de qué te aviso
button-admins = 🛡 Administradores
button-name-admin = ➕ Nombrar administrador
button-name-now = ✅ Sí, nombrar
button-remove-admin = ➖ Quitar { $name }
button-remove-now = ➖ Sí, quitar
button-notices = 🔔 Avisos
admins-heading = <b>Administradores</b>
admins-line = <code>{ $name }</code> (<code>{ $id }</code>)
admins-line-fixed = <code>{ $name }</code> (<code>{ $id }</code>) · por la configuración, siempre
admins-how =
    <b>Nombrar administrador</b>
    Envíame /admins con el ID de Telegram de alguien que me use, por ejemplo <code>/admins 123456789</code>. Cada cual lee el suyo con /id.
    O haz una invitación: quien la abra administrará.
admins-ask-name = ¿Nombrar administrador a <code>{ $name }</code> (<code>{ $id }</code>)? Podrá hacer todo lo que haces tú, y también quitarte.
admins-named = ✅ <code>{ $name }</code> (<code>{ $id }</code>) ahora administra.
admins-ask-remove = ¿Que <code>{ $name }</code> (<code>{ $id }</code>) deje de administrar? Sus dispositivos siguen siendo suyos.
admins-ask-remove-self = ¿Quieres dejar <b>tú</b> de administrar? Solo otro administrador podrá nombrarte de nuevo.
admins-removed = ➖ <code>{ $name }</code> (<code>{ $id }</code>) ya no administra.
admins-removed-self = ➖ Ya no administras.
admins-unknown = No conozco a nadie con el ID <code>{ $id }</code> que tenga acceso. Haz una invitación.
admins-already = <code>{ $id }</code> ya administra.
admins-none = Esa persona ya no administra. No ha cambiado nada.
admins-fixed = A esta persona la nombra la configuración. Eso no se cambia en el chat.
admins-told-named = 🛡 <code>{ $name }</code> te ha nombrado administrador. /help muestra lo que puedes hacer.
admins-told-removed = Ya no administras: lo ha cambiado <code>{ $name }</code>.

notices-heading = <b>De qué te aviso como administrador</b>
notices-on = 🔔 { $what }
notices-silent = 🔕 { $what } · sin sonido
notices-off = ✖️ { $what } · nunca
notices-about-newcomer-waiting = Alguien pide acceso
notices-about-handout-failed-admin = Una clave que no puedo borrar
notices-about-secret-leaked-admin = Una clave que alguien me envió
notices-about-owner-unreachable = Un titular ilocalizable
button-notice-on = 🔔 { $what }
button-notice-silent = 🔕 { $what }
button-notice-off = ✖️ { $what }
