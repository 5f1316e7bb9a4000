# The words of the bot in Portuguese as it is spoken in Brazil. What holds for all languages stands in en.ftl.
#
# The reader is "você", and no word tells their gender. A secret is a "chave secreta", short "chave".

## Times, for apps that cannot show their own

time-r = em { $day } de { month-short }, { $minutes } UTC
time-t = { $minutes } UTC
time-T = { $seconds } UTC
time-D = { $day } de { month-long } de { $year }
time-wDt = { weekday-short }, { $day } de { month-long }, { $minutes } UTC
time-within = em até { $span }

month-short =
    { $month ->
        [1] jan.
        [2] fev.
        [3] mar.
        [4] abr.
        [5] mai.
        [6] jun.
        [7] jul.
        [8] ago.
        [9] set.
        [10] out.
        [11] nov.
       *[12] dez.
    }
month-long =
    { $month ->
        [1] janeiro
        [2] fevereiro
        [3] março
        [4] abril
        [5] maio
        [6] junho
        [7] julho
        [8] agosto
        [9] setembro
        [10] outubro
        [11] novembro
       *[12] dezembro
    }
weekday-short =
    { $weekday ->
        [1] seg.
        [2] ter.
        [3] qua.
        [4] qui.
        [5] sex.
        [6] sáb.
       *[7] dom.
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

button-register = ➕ Novo dispositivo
button-devices = 📟 Meus dispositivos
button-help = ❓ Ajuda
button-back = Voltar
button-cancel = Cancelar
button-copy-id = 📋 Copiar ID do dispositivo
button-show-secret = 🔑 Mostrar chave
button-copy-secret = 📋 Copiar chave
button-saved = ✅ Já salvei
button-try-again = 🔁 Tentar de novo
button-new-secret = 🔄 Nova chave
button-token = 🔑 Token de API
button-copy-token = 📋 Copiar token
button-sign-out = 🚪 Encerrar sessões
button-set-up = 🛠 Configurar
button-file = 📄 { $name }
button-rename = ✏️ Renomear
button-revoke = 🚫 Revogar
button-revoke-now = 🚫 Sim, revogar
button-open = 📟 Ver dispositivo
button-open-named = 📟 Abrir “{ $name }”
button-use-name = Usar “{ $name }”
button-previous = ◀️ Anteriores
button-next = ▶️ Próximos
button-search = 🔎 Buscar
button-active = Ativos ({ $count })
button-revoked = ⛔ Revogados ({ $count })
button-stop-at-once = Desativar já
button-private-chat = 💬 Abrir conversa privada
button-no-reason = Sem motivo
button-owned = { $name } · { $owner }

## General

welcome = <b>Boas-vindas, { $name }.</b>
welcome-how =
    Aqui você registra seus terminais de trading. Cada um recebe a própria chave secreta, que aparece uma única vez.
menu-devices =
    { $count ->
        [one] <b>{ $count } dispositivo</b>
       *[other] <b>{ $count } dispositivos</b>
    }
menu-seen =
    { $count ->
        [0] nenhum se conectou hoje
       *[other] conectados hoje: { $count }
    }
menu-never = ainda sem conexão: { $count }
suspended = A administração pausou o seu acesso. Seus dispositivos não podem se conectar até que ele seja retomado.
contact = Dúvidas? Escreva para { $contact }.

help-what =
    <b>O que eu faço</b>
    Registro seus terminais de trading. Cada um recebe a própria chave secreta, que aparece uma única vez, por { $span }.
help-commands =
    /register – adicionar um dispositivo
    /devices – ver e gerenciar seus dispositivos
    /rename – mudar um nome
    /rotate – obter uma nova chave
    /revoke – desativar um dispositivo para sempre
    /token – um token de 15 minutos para suas ferramentas
    /invite – compartilhar seus dispositivos com alguém
    /language – escolher o idioma
    /id – seu ID do Telegram
    /cancel – interromper o que estamos fazendo
help-admin =
    <b>Para a administração</b>
    /admin – o que se pode administrar
    /clients [texto] – todos os clientes, ou aqueles cujos nomes, IDs ou dispositivos começam assim
    /client &lt;ID, ID do Telegram ou @usuário&gt; – a ficha de um cliente
    /revoke &lt;ID do dispositivo&gt; [motivo] – revogar o dispositivo de qualquer pessoa
    /invite – dar acesso a alguém
    /admins – ver, nomear e remover administradores
    /notices – escolher sobre o que aviso
    /suspend [cliente] [motivo] – pausar um cliente
    /resume [cliente] [motivo] – deixar um cliente em pausa continuar
    /audit [cliente ou dispositivo] – o que foi feito, e por quem
    /stats – quanto há
help-good =
    <b>Bom saber</b>
    • Perdeu uma chave? Pegue uma nova. Ninguém consegue consultar a antiga.
    • Eu nunca peço uma chave. Se você me enviar uma por engano, eu apago.
    • Conversas com bots não têm criptografia de ponta a ponta, e aplicativos modificados podem guardar mensagens apagadas. Na dúvida, pegue uma nova chave.
own-id = Seu ID do Telegram: <code>{ $id }</code>
unknown-command = Não conheço esse comando. Em /help estão todos.
not-understood = Não entendi. Você pode:
group = Só converso em particular, para que ninguém mais veja suas chaves.
slow-down = Não consigo acompanhar o seu ritmo. Vá mais devagar, por favor, e envie de novo.

## The language

button-language = 🌐 Idioma
button-language-chosen = ✓ { $name }
button-language-as-app = 📱 Como no meu aplicativo
language-name = Português (Brasil)
language-ask = <b>Em que idioma devo escrever?</b>
language-now = Agora: <b>{ $name }</b>.
language-follows = Agora: <b>{ $name }</b>. Sigo o idioma do seu aplicativo do Telegram, quando falo esse idioma.
command-language = Escolher o idioma

## Registration

ask-name =
    Como devo chamá-lo? Envie um nome, por exemplo <b>VPS Frankfurt</b>.
    Você pode mudar depois.
name-blank = Um nome precisa de pelo menos um caractere visível. Envie um nome.
name-too-long =
    { $count ->
        [one] Esse nome tem { $count } caractere; o máximo é { $limit }. Envie um mais curto.
       *[other] Esse nome tem { $count } caracteres; o máximo é { $limit }. Envie um mais curto.
    }
name-control = Um nome cabe em uma linha e não tem caracteres de controle. Envie outro.
name-secret = Isso contém a chave secreta de um dispositivo, que nunca deve ser um nome. Envie outro.
name-not-text = Por favor, envie o nome como texto.
name-taken =
    Você já tem um dispositivo chamado <b>{ $name }</b>. Envie outro nome ou use este:
limit-reached = Você tem { $count } de { $limit } dispositivos. Revogue um que não usa mais para abrir espaço.
cancelled = Cancelado.
stopped = Interrompido: você pediu outra coisa.
nothing-registered = Nada foi registrado.
nothing-to-cancel = Não há nada para cancelar.

## The life of a secret message

card-register =
    <b>{ $name }</b> está quase pronto.

    1. Abra esta conversa no computador em que seu terminal funciona.
    2. Copie o ID do dispositivo e cole-o nas configurações do terminal.
    3. Toque em <b>Mostrar chave</b>. Você a vê uma única vez, por { $span }.
card-until = Este cartão vale até { $until }.
card-rotate = Uma nova chave para <b>{ $name }</b> está esperando por você.
card-once = Você a vê uma única vez, por { $span }.
card-old-works = A antiga ainda funciona por mais { $overlap }, ou até a nova se conectar.
card-old-stops = A antiga para de funcionar nesse momento.
card-both-stop = As duas chaves em uso param de funcionar nesse momento.
card-oldest-stops = Das duas chaves em uso, a mais antiga para de funcionar assim que você vir esta.
card-cancel = Se você cancelar, nada muda.
card-name-taken = O nome <b>{ $name }</b> foi ocupado nesse meio-tempo.
card-limit-reached =
    { $limit ->
        [one] Nesse meio-tempo você atingiu o seu limite de { $limit } dispositivo.
       *[other] Nesse meio-tempo você atingiu o seu limite de { $limit } dispositivos.
    }
card-no-room = Nesse meio-tempo você atingiu o seu limite de dispositivos.
card-expired = ⌛ Este cartão de <b>{ $name }</b> expirou.
card-outdated = Este cartão de <b>{ $name }</b> não vale mais: um mais novo tomou o lugar dele.
card-withdrawn = Este cartão de <b>{ $name }</b> não vale mais.
card-revoked = <b>{ $name }</b> foi revogado nesse meio-tempo e não recebe uma nova chave.
old-keeps-working = A chave antiga continua funcionando.

secret-of = 🔑 A chave secreta de <b>{ $name }</b>
secret-new-of = 🔑 A nova chave secreta de <b>{ $name }</b>
secret-itself = <tg-spoiler>{ $secret }</tg-spoiler>
secret-how =
    Copie a chave, cole-a no seu terminal e toque em <b>Já salvei</b>.
    Esta mensagem desaparece { $until }. Ninguém poderá mostrar esta chave de novo.
secret-removed = 🔒 A chave estava aqui. Ela foi removida.
secret-unconfirmed =
    ⚠️ O Telegram não confirmou que você pôde ver a chave de <b>{ $name }</b>, por isso eu a descartei.
secret-interrupted = ⚠️ Fui reiniciado enquanto mostrava a chave de <b>{ $name }</b>, por isso eu a descartei.
secret-superseded =
    ⚠️ Algo mudou enquanto eu mostrava a chave de <b>{ $name }</b>, por isso eu a descartei.
secret-never-works = Não vai funcionar nunca, mesmo que você tenha feito uma cópia.
secret-stuck =
    ⚠️ Não consegui remover a mensagem com a chave de <b>{ $name }</b>. Por favor, apague essa mensagem.
secret-keep-trying = Continuo tentando.

receipt-registered = ✅ <b>{ $name }</b> está registrado.
receipt-registered-cancelled = ✅ <b>{ $name }</b> continua registrado; tirei a chave dele da tela.
receipt-rotated = 🔄 <b>{ $name }</b> tem uma nova chave.
receipt-rotated-cancelled = 🔄 <b>{ $name }</b> fica com a nova chave; eu a tirei da tela.
receipt-fingerprints = Nova impressão digital: <code>{ $new }</code> · antiga: <code>{ $old }</code>
receipt-shown = A chave foi mostrada às { $at } e removida após { $span }.
receipt-shown-interrupted =
    A chave foi mostrada às { $at } e removida após { $span } em vez de { $planned }, porque fui reiniciado. Se mais alguém pode ter visto a sua tela, toque em <b>Nova chave</b>.
receipt-new-shown = Ela foi mostrada às { $at } e removida após { $span }.
receipt-new-shown-interrupted =
    Ela foi mostrada às { $at } e removida após { $span } em vez de { $planned }, porque fui reiniciado. Se mais alguém pode ter visto a sua tela, toque em <b>Nova chave</b>.
receipt-next = Aviso você quando ele se conectar pela primeira vez. Não salvou a chave? Toque em <b>Nova chave</b>.
first-login-unknown = 🟢 <b>{ $name }</b> se conectou pela primeira vez. Tudo pronto.
first-login = 🟢 <b>{ $name }</b> se conectou pela primeira vez, de <code>{ $address }</code>. Tudo pronto.
old-works-until = A chave antiga funciona até { $until }, ou até a nova se conectar.
old-stopped = A chave antiga parou de funcionar.

## Setting a terminal up

setup-title = 🛠 <b>Configurar { $name }</b>
setup-allow =
    <b>MetaTrader 5</b>
    1. Ferramentas → Opções → Expert Advisors: marque <i>Permitir WebRequest para as URLs listadas</i> e adicione o endereço abaixo.
setup-address = <code>{ $address }</code>
setup-include = 2. Salve <i>DeviceAuth.mqh</i> na pasta <i>MQL5/Include</i> do seu terminal (Arquivo → Abrir Pasta de Dados).
setup-secret = 3. Coloque a chave em um arquivo de texto em <i>MQL5/Files</i> e informe ao seu Expert Advisor o ID do dispositivo.
setup-python =
    <b>Python</b>
    Salve <i>device_auth.py</i> ao lado do seu script e a chave em um arquivo só para ela; o endereço é <code>{ $address }</code>.

## API tokens

token-card =
    Um <b>token de API</b> para suas ferramentas está esperando por você.

    Você o vê uma única vez, por { $span }. Ele funciona por { $life } e vale para todos os seus dispositivos.
    Quem o tiver pode fazer com seus dispositivos o mesmo que você.
token-none-made = Nenhum token foi criado.
token-expired = ⌛ Este cartão de um token de API expirou.
token-outdated = Este cartão de um token de API não vale mais: um mais novo tomou o lugar dele.
token-withdrawn = Este cartão de um token de API não vale mais.
token-others-work = Seus outros tokens continuam funcionando.

token-title = 🔑 Seu <b>token de API</b>
token-how =
    Copie o token, cole-o na sua ferramenta e toque em <b>Já salvei</b>.
    Esta mensagem desaparece { $until }. Ninguém poderá mostrar este token de novo.
token-unconfirmed =
    ⚠️ O Telegram não confirmou que você pôde ver o seu token de API, por isso eu o descartei.
token-interrupted = ⚠️ Fui reiniciado enquanto mostrava o seu token de API, por isso eu o descartei.
token-superseded = ⚠️ Algo mudou enquanto eu mostrava o seu token de API, por isso eu o descartei.
token-stuck = ⚠️ Não consegui remover a mensagem com o seu token de API. Por favor, apague essa mensagem.

token-receipt = ✅ Você tem um novo <b>token de API</b>.
token-receipt-cancelled = ✅ Você fica com o novo <b>token de API</b>; eu o tirei da tela.
token-shown = Ele foi mostrado às { $at } e removido após { $span }.
token-shown-interrupted =
    Ele foi mostrado às { $at } e removido após { $span } em vez de { $planned }, porque fui reiniciado. Se mais alguém pode ter visto a sua tela, toque em <b>Encerrar sessões</b>.
token-works-until = Ele funciona até { $until }.
token-over = Ele já expirou.
token-signed-out = 🚪 Todos os tokens de API deixaram de valer às { $at }. Pegue um novo quando precisar.

token-pasted-deleted =
    🗑 Apaguei sua mensagem: ela continha um token de API. Quem o viu pode fazer com seus dispositivos o mesmo que você, até ele expirar. Na dúvida, encerre as sessões.
token-pasted-not-deleted =
    ⚠️ Sua mensagem contém um token de API, e não consegui apagá-la. Por favor, apague a mensagem agora. Na dúvida, encerre as sessões.

## Devices

devices-heading = <b>Seus dispositivos</b> · { $count } de { $limit }
devices-heading-revoked = <b>Dispositivos revogados</b> · { $count }
devices-none = Você ainda não tem dispositivos.
devices-none-left = Você não tem dispositivos agora.
devices-none-revoked = Você não tem dispositivos revogados.
devices-which = Qual dispositivo?
devices-found = <b>Encontrados: { $count }</b> para <b>{ $term }</b>
devices-not-found = Nada encontrado para <b>{ $term }</b>.
devices-ask-term = Envie parte de um nome ou uma impressão digital.
devices-seen = <b>{ $name }</b> · visto { $at }
devices-never = <b>{ $name }</b> · nunca se conectou
devices-revoked = <b>{ $name }</b> · revogado { $at }

device-title = <b>{ $name }</b>
device-id = ID do dispositivo: <code>{ $id }</code>
device-fingerprint = Impressão digital: <code>{ $fingerprint }</code>
device-registered = Registrado em { $on }
device-seen = Visto { $at }
device-seen-from = Visto { $at } de <code>{ $address }</code>
device-never = Nunca se conectou.
device-never-yet = Nunca se conectou. Os passos estão em <b>Configurar</b>.
device-overlap =
    A chave antiga <code>{ $fingerprint }</code> funciona até { $until }, ou até a nova se conectar.
device-revoked-by-you = Revogado por você { $at }.
device-revoked-by-admin = Revogado pela administração { $at }.
device-revoked-by-admin-because = Revogado pela administração { $at }: <i>{ $reason }</i>

rename-ask = Envie o novo nome de <b>{ $name }</b>.
renamed = ✏️ <b>{ $old }</b> agora se chama <b>{ $new }</b>. Seu terminal não precisa de nenhuma mudança.
rename-same = Ele já se chama <b>{ $name }</b>.
rename-revoked = <b>{ $name }</b> foi revogado nesse meio-tempo e mantém o nome.
rename-cancelled = Cancelado. O nome não muda.

## A new secret

rotate-ask = <b>Uma nova chave para { $name }</b>
rotate-how-long =
    Por quanto tempo a antiga deve continuar funcionando depois que você vir a nova?
    Em todo caso, ela para assim que a nova se conectar.

## Revoke

revoke-ask = <b>Revogar { $name }?</b>
revoke-for-good = Ele para de funcionar na hora e para sempre.
revoke-seen = Visto pela última vez { $at }.
revoke-never = Ele nunca se conectou.
revoke-name-free = O nome dele volta a ficar livre.
revoked = ⛔ <b>{ $name }</b> está revogado desde { $at }. Toda solicitação posterior é recusada.
revoked-already-by-you = ⛔ <b>{ $name }</b> já tinha sido revogado { $at }, por você.
several-match =
    { $count ->
        [one] { $count } dispositivo começa com <code>{ $id }</code>. Qual?
       *[other] { $count } dispositivos começam com <code>{ $id }</code>. Qual?
    }
revoked-already-by-admin = ⛔ <b>{ $name }</b> já tinha sido revogado { $at }, pela administração.

## What admins do, and what owners read of it

admin-revoke-ask = <b>Revogar este dispositivo?</b>
admin-device = Dispositivo: <code>{ $name }</code> (<code>{ $id }</code>)
admin-owner = Titular: <code>{ $owner }</code>
admin-owner-username = Titular: <code>{ $owner }</code> @{ $username }
admin-owner-reads = O titular vai ler: <i>{ $reason }</i>
admin-ask-reason = Por quê? O titular vai ler.
admin-revoked =
    ⛔ <code>{ $name }</code> (<code>{ $id }</code>) de <code>{ $owner }</code> está revogado desde { $at }. Estou avisando o titular.
admin-revoked-ownerless = ⛔ <code>{ $name }</code> (<code>{ $id }</code>) está revogado desde { $at }.
admin-already-revoked = ⛔ <code>{ $name }</code> foi revogado { $at }.
admin-already-revoked-by = ⛔ <code>{ $name }</code> foi revogado { $at } por <code>{ $admin }</code>.
admin-cancelled = Cancelado. Nada foi revogado.
admin-unknown = Não conheço nenhum dispositivo com o ID <code>{ $id }</code>.
admin-owner-unreachable = Não foi possível avisar o titular de <code>{ $name }</code>: ele me bloqueou.
admin-secret-stuck =
    ⚠️ Não consegui remover a mensagem com a chave de <code>{ $name }</code> (<code>{ $id }</code>) da conversa de <code>{ $telegram_id }</code>. Pedi ao titular que a apague.
admin-token-stuck =
    ⚠️ Não consegui remover a mensagem com um token de API da conversa de <code>{ $telegram_id }</code>. Pedi ao titular que a apague.
reason-lost = Perda ou roubo
reason-leaked = Chave vazada
reason-unneeded = Não é mais usado

owner-revoked = ⛔ A administração revogou o seu dispositivo <b>{ $name }</b> às { $at }.
owner-revoked-reason = Motivo: <i>{ $reason }</i>
owner-revoked-next = Ele não pode mais se conectar. Se você ainda precisa dele, registre-o de novo: ele recebe uma nova chave.
owner-unknown = Você não tem nenhum dispositivo com o ID <code>{ $id }</code>.

## Grupos e vários dispositivos de uma vez

button-group = 🗂 Grupo
button-no-group = Sem grupo
button-select = ☑️ Selecionar vários
button-picked = ✅ { $name }
button-unpicked = ▫️ { $name }
button-whole-group = 🗂 Um grupo inteiro
button-revoke-picked = 🚫 Revogar ({ $count })
button-regroup-picked = 🗂 Grupo ({ $count })
button-yes-regroup = 🗂 Sim, mudar

device-group = Grupo: <b>{ $group }</b>
device-group-none = Grupo: nenhum

group-ask = Em que grupo <b>{ $name }</b> deve ficar?
group-ask-several =
    { $count ->
        [one] Em que grupo este dispositivo deve ficar?
       *[other] Em que grupo estes { $count } dispositivos devem ficar?
    }
group-how = Escolha um ou envie o nome de um novo.
group-how-first = Envie um nome para ele.
group-set = 🗂 <b>{ $name }</b> agora está no grupo <b>{ $group }</b>.
group-left = 🗂 <b>{ $name }</b> agora não está em nenhum grupo.
group-cancelled = Cancelado. O grupo não muda.
group-not-text = Por favor, envie o nome do grupo como texto.
group-revoked = <b>{ $name }</b> foi revogado nesse meio-tempo e mantém o grupo.

select-heading = <b>Selecionar dispositivos</b> · selecionados: { $count }
select-how = Toque em um dispositivo para selecioná-lo, ou de novo para deixá-lo de fora. Depois escolha o que fazer com todos.
select-groups = Qual grupo? Todos os dispositivos dele serão selecionados.

several-revoke-ask =
    { $count ->
        [one] <b>Revogar { $count } dispositivo?</b>
       *[other] <b>Revogar { $count } dispositivos?</b>
    }
several-revoke-for-good =
    { $count ->
        [one] Ele para de funcionar na hora e para sempre.
       *[other] Eles param de funcionar na hora e para sempre.
    }
several-regroup-ask =
    { $count ->
        [one] Colocar { $count } dispositivo no grupo <b>{ $group }</b>?
       *[other] Colocar { $count } dispositivos no grupo <b>{ $group }</b>?
    }
several-ungroup-ask =
    { $count ->
        [one] Tirar { $count } dispositivo do grupo?
       *[other] Tirar { $count } dispositivos dos grupos?
    }
several-named = • <b>{ $name }</b>
several-more = … e mais { $count }
several-revoked =
    { $count ->
        [one] ⛔ { $count } dispositivo está revogado desde { $at }. Toda solicitação depois desse momento é recusada.
       *[other] ⛔ { $count } dispositivos estão revogados desde { $at }. Toda solicitação depois desse momento é recusada.
    }
several-regrouped =
    { $count ->
        [one] 🗂 { $count } dispositivo agora está no grupo <b>{ $group }</b>.
       *[other] 🗂 { $count } dispositivos agora estão no grupo <b>{ $group }</b>.
    }
several-ungrouped =
    { $count ->
        [one] 🗂 { $count } dispositivo agora não está em nenhum grupo.
       *[other] 🗂 { $count } dispositivos agora não estão em nenhum grupo.
    }
several-unchanged = Nada foi alterado.
several-already =
    { $count ->
        [one] { $count } dispositivo já estava revogado.
       *[other] { $count } dispositivos já estavam revogados.
    }

## Uma nova chave, mais tarde

secret-used =
    ✅ <b>{ $name }</b> se conectou com a nova chave, de <code>{ $address }</code>. A antiga parou de funcionar.
secret-used-unknown = ✅ <b>{ $name }</b> se conectou com a nova chave. A antiga parou de funcionar.
overlap-ends-soon =
    ⏳ <b>{ $name }</b> ainda usa a chave antiga, que para de funcionar { $at }. Coloque a nova no seu terminal ou peça outra.
overlap-ended = ⚠️ A chave antiga de <b>{ $name }</b> parou de funcionar, e a nova ainda não se conectou.
time-in-one-hour = daqui a uma hora

## Chaves em uma mensagem ao bot

button-new-secret-of = 🔄 Chave · { $name }
button-revoke-of = 🚫 Revogar · { $name }

pasted-own = 🗑 Apaguei sua mensagem: ela continha a chave secreta de <b>{ $name }</b>.
pasted-own-danger = Quem a viu pode se passar pelo seu dispositivo. Por favor, peça uma nova.
pasted-own-revoked = Esse dispositivo está revogado, então a chave não funciona em lugar nenhum.
pasted-several = 🗑 Apaguei sua mensagem: ela continha chaves secretas dos seus dispositivos.
pasted-one-of = • <b>{ $name }</b>
pasted-one-of-revoked = • <b>{ $name }</b>, que está revogado
pasted-several-danger = Quem as viu pode se passar pelos seus dispositivos. Por favor, peça chaves novas.
pasted-others = Ela também continha a chave de outro dispositivo.
secret-deleted = 🗑 Apaguei sua mensagem: ela continha a chave secreta de um dispositivo. Por favor, nunca envie uma chave em uma conversa, nem mesmo para mim.
secret-not-deleted =
    ⚠️ Sua mensagem contém a chave secreta de um dispositivo, e não consegui apagá-la. Por favor, apague a mensagem agora.
still-waiting = Ainda estou esperando o nome.
still-waiting-group = Ainda estou esperando o nome do grupo.
still-waiting-term = Ainda estou esperando o que devo buscar.
secret-leaked =
    ⚠️ Alguém me enviou a chave secreta do seu dispositivo <b>{ $name }</b>, portanto a conhece. Por favor, peça uma nova agora.
admin-secret-leaked =
    ⚠️ <code>{ $sender }</code> (<code>{ $telegram_id }</code>) me enviou a chave secreta de <code>{ $name }</code> (<code>{ $id }</code>), um dispositivo de outro cliente. O dono foi avisado.

## Clients, for admins

button-admin = 🛡 Administrar
button-clients = 👥 Clientes
button-open-client = 👤 Ver cliente
button-client-devices = 📟 Aparelhos ({ $count })
button-revoke-all = 🚫 Revogar todos
button-suspend = ⏸ Pausar
button-suspend-now = ⏸ Sim, pausar
button-resume = ▶️ Retomar
button-resume-now = ▶️ Sim, retomar
button-limit = 🔢 Limite
button-limit-standard = Como os demais ({ $limit })
button-audit = 📜 Histórico
button-forget = 🗑 Esquecer
button-stats = 📊 Números
button-count-again = 🔁 Contar de novo
button-newer = ◀️ Mais novo
button-older = ▶️ Mais antigo

admin-menu =
    <b>Para a administração</b>
    Encontre um cliente, veja o que foi feito ou quanto há.

clients-heading = <b>Clientes</b>, os mais novos primeiro
clients-none = Ainda não há clientes.
clients-none-suspended = Ninguém está em pausa.
clients-which-suspend = Qual cliente deve ser pausado?
clients-which-resume = Qual cliente pode continuar?
clients-found = <b>Encontrado</b> para <code>{ $term }</code>
clients-not-found = Nada começa com <code>{ $term }</code>: nenhum nome, nome de usuário, ID do Telegram ou dispositivo.
clients-ask-term = Envie o começo de um nome, um @usuário, um ID do Telegram ou o nome de um dispositivo.
clients-several = Vários clientes correspondem a <code>{ $id }</code>. Qual deles?
clients-unknown = Não conheço nenhum cliente <code>{ $id }</code>.
client-gone = Esse cliente não está mais aqui.
client-cancelled = Cancelado. Nada foi alterado.

client-row = <code>{ $name }</code>
client-row-username = <code>{ $name }</code> @{ $username }
client-row-matched = <code>{ $text }</code>
client-row-suspended = ⏸ em pausa

client-title = 👤 <code>{ $name }</code>
client-named = Cliente: <code>{ $client }</code>
client-id = ID do cliente: <code>{ $id }</code>
client-active = Ativo
client-suspended = ⏸ Em pausa
client-suspended-at = ⏸ Em pausa: { $at }
client-suspended-by = ⏸ Em pausa: { $at }, por <code>{ $admin }</code>
client-reason = Motivo: <i>{ $reason }</i>
client-counts = { $count } de { $limit } dispositivos
client-count-revoked = revogados: { $count }
client-since = Aqui desde { $on }
client-people = <b>Quem escreve por ele</b>
client-people-more = … e mais { $count }
client-person = <code>{ $name }</code> · <code>{ $id }</code>
client-person-username = <code>{ $name }</code> @{ $username } · <code>{ $id }</code>
client-person-blocked = me bloqueou

client-devices = Dispositivos de <code>{ $client }</code> · { $count }
client-devices-revoked = Dispositivos revogados de <code>{ $client }</code> · { $count }
client-device-seen = <code>{ $name }</code> · visto: { $at }
client-device-never = <code>{ $name }</code> · nunca se conectou
client-device-revoked = <code>{ $name }</code> · revogado: { $at }
client-device-ended = Revogado: { $at }
client-device-ended-by = Revogado: { $at }, por <code>{ $admin }</code>

client-ask-reason = Por quê? As pessoas dele vão ler. Toque em um motivo ou envie um com suas palavras.
client-people-read = As pessoas dele vão ler: <i>{ $reason }</i>
client-own = Você também está neste cliente. Peça a outra pessoa da administração: você ficaria de fora.
client-unreachable = Não foi possível avisar alguém de <code>{ $client }</code>: a pessoa me bloqueou.

suspend-ask = <b>Pausar este cliente?</b>
suspend-means =
    { $count ->
        [0] Ele não tem dispositivos. As pessoas dele não poderão fazer nada aqui até que ele seja retomado.
        [one] O dispositivo e os tokens dele param de funcionar na hora e voltam a funcionar quando ele for retomado.
       *[other] Os { $count } dispositivos e os tokens dele param de funcionar na hora e voltam a funcionar quando ele for retomado.
    }
suspended-client = ⏸ <code>{ $client }</code> está em pausa desde { $at }. Estou avisando as pessoas dele.
suspended-already = ⏸ <code>{ $client }</code> já está em pausa.
resume-ask = <b>Retomar este cliente?</b>
resume-means =
    { $count ->
        [0] Ele não tem dispositivos. As pessoas dele podem continuar.
        [one] O dispositivo dele volta a funcionar, e as pessoas dele podem continuar.
       *[other] Os { $count } dispositivos dele voltam a funcionar, e as pessoas dele podem continuar.
    }
resumed-client = ▶️ <code>{ $client }</code> continua desde { $at }. Estou avisando as pessoas dele.
resumed-already = <code>{ $client }</code> não está em pausa.
revoke-all-ask = <b>Revogar todos os dispositivos deste cliente?</b>
revoke-all-means =
    { $count ->
        [0] Ele não tem nenhum que possa ser revogado.
        [one] O único dispositivo dele para de funcionar na hora, e para sempre.
       *[other] Os { $count } dispositivos dele param de funcionar na hora, e para sempre.
    }
revoked-all =
    { $count ->
        [one] ⛔ { $count } dispositivo de <code>{ $client }</code> está revogado desde { $at }. Estou avisando as pessoas dele.
       *[other] ⛔ { $count } dispositivos de <code>{ $client }</code> estão revogados desde { $at }. Estou avisando as pessoas dele.
    }
revoked-none = <code>{ $client }</code> não tem dispositivos que possam ser revogados.

limit-ask =
    Quantos dispositivos <code>{ $client }</code> pode ter? Agora pode ter { $limit } e tem { $count }.
    Toque em um número ou envie um. Se forem menos do que ele tem, nenhum é revogado, mas nenhum pode ser adicionado.
limit-refused = Envie um número inteiro de 0 a { $limit }.
limit-set = ✅ Dispositivos que <code>{ $client }</code> pode ter agora: { $limit }.
limit-set-below = ✅ Dispositivos que <code>{ $client }</code> pode ter agora: { $limit }. Ele fica com os { $count } que tem e não pode adicionar nenhum.

forget-ask = <b>Esquecer este cliente?</b>
forget-means =
    Ele é apagado com tudo o que tem: os dispositivos ({ $devices }), que param de funcionar na hora e para sempre, e as pessoas dele aqui ({ $people }), que são avisadas. O histórico fica.
forget-confirm =
    Para confirmar, envie <code>{ $text }</code>. Se as pessoas dele devem ler um motivo, escreva-o nas linhas abaixo.
forget-refused =
    Não é isso, e nada foi esquecido. Para confirmar, envie <code>{ $text }</code>.
forgotten = 🗑 <code>{ $client }</code> foi esquecido, e os dispositivos dele também. Estou avisando as pessoas dele.

told-suspended = ⏸ A administração pausou o seu acesso em { $at }.
told-suspended-next = Seus dispositivos não podem se conectar até que ele seja retomado.
told-resumed = ▶️ A administração retomou o seu acesso em { $at }.
told-resumed-next = Seus dispositivos podem se conectar de novo, e você pode continuar.
told-all-revoked =
    { $count ->
        [one] ⛔ A administração revogou o seu dispositivo em { $at }.
       *[other] ⛔ A administração revogou todos os seus { $count } dispositivos em { $at }.
    }
told-all-revoked-next = Eles não podem mais se conectar. O que você ainda usa, registre de novo: recebe uma chave nova.
told-forgotten = 🗑 A administração removeu você deste registro em { $at }.
told-forgotten-next = Seus dispositivos foram apagados junto e não podem mais se conectar.

## The audit, for admins

audit-heading = <b>Histórico</b>, o mais novo primeiro
audit-heading-client = <b>Histórico</b> do cliente <code>{ $id }</code>, o mais novo primeiro
audit-heading-device = <b>Histórico</b> do dispositivo <code>{ $id }</code>, o mais novo primeiro
audit-none = Não há nada anotado aqui.
audit-several = Várias coisas correspondem a <code>{ $id }</code>. Qual delas?
audit-unknown = Não conheço nem cliente nem dispositivo <code>{ $id }</code>.
audit-system = o bot
audit-nobody = ninguém
audit-name = <code>{ $name }</code>
audit-device = <code>{ $name }</code> (<code>{ $id }</code>)
audit-limit-standard = como os demais
audit-client-created = { $who } chegou como cliente { $client }.
audit-client-deleted = { $who } esqueceu o cliente { $client }.
audit-client-limit = { $who } definiu o limite de dispositivos de { $client }: { $limit }.
audit-client-resumed = { $who } retomou { $client }.
audit-client-suspended = { $who } pausou { $client }.
audit-device-registered = { $who } registrou { $device } para { $client }.
audit-device-renamed = { $who } mudou o nome de um dispositivo de { $client }: agora { $device }.
audit-device-revoked = { $who } revogou { $device } de { $client }.
audit-handout-failed = Uma chave de { $client } (dispositivo { $device }) não pôde ser removida de uma conversa.
audit-notice-dropped = Um aviso não pôde ser entregue: quem devia lê-lo me bloqueou.
audit-secret-rotated = { $who } deu uma chave nova a { $device } de { $client }.
audit-tokens-voided = { $who } anulou todos os tokens de { $client }.
audit-access-asked = { $who } pediu acesso.
audit-access-approved = { $who } deu acesso a { $client }.
audit-access-refused = { $who } negou o acesso a alguém.
audit-admin-named = { $who } nomeou alguém para a administração.
audit-admin-removed = { $who } tirou alguém da administração.
audit-copy-confirmed = { $who } permitiu conexões a um bot iniciado de um backup.
audit-client-left = { $who } saiu do cliente { $client }.
audit-device-regrouped = { $who } mudou o grupo de { $device } de { $client }.
audit-invite-created = { $who } criou um convite.
audit-invite-used = { $who } entrou com um convite.
audit-invite-withdrawn = { $who } retirou um convite.
audit-invites-withdrawn = { $who } retirou todos os seus convites.
audit-secret-pasted = { $who } me enviou a chave de { $device } de { $client }.
audit-other = { $who }: <code>{ $action }</code>, cliente { $client }.

## Figures, for admins

stats-heading = <b>Números</b>
stats-clients =
    { $count ->
        [one] { $count } cliente, em pausa: { $suspended }
       *[other] { $count } clientes, em pausa: { $suspended }
    }
stats-devices =
    { $count ->
        [one] { $count } dispositivo, e revogados: { $revoked }
       *[other] { $count } dispositivos, e revogados: { $revoked }
    }
stats-seen = Vistos nos últimos cinco minutos: { $count }
stats-open =
    { $count ->
        [one] { $count } chave ou cartão à vista
       *[other] { $count } chaves ou cartões à vista
    }
stats-since = Desde { $at }:
stats-shown =
    { $count ->
        [one] { $count } chave mostrada
       *[other] { $count } chaves mostradas
    }
stats-destroyed =
    { $count ->
        [one] { $count } destruído
       *[other] { $count } destruídos
    }
stats-failed = Não puderam ser removidos: { $count }

## Um bot iniciado a partir de um backup

copy-started = ⚠️ <b>Fui iniciado a partir de um backup</b>, feito em { $at }.
copy-unknown =
    Não sei o que aconteceu depois disso. Dispositivos revogados, clientes suspensos, administradores removidos e chaves substituídas desde então estão aqui como antes. Os convites anteriores não valem mais.
copy-next =
    Nenhum dispositivo pode se conectar até que você permita. Se souber de alguma mudança assim, faça-a de novo antes. Todos os dispositivos terão de entrar novamente.
copy-confirmed =
    ✅ Os dispositivos podem se conectar de novo desde { $at }. O backup foi feito em { $taken_at }.
copy-confirmed-by =
    ✅ <code>{ $admin }</code> permitiu que os dispositivos se conectem de novo em { $at }. O backup foi feito em { $taken_at }.
button-confirm-copy = Permitir conexões

## Toasts: plain text, at most 200 characters

toast-removed = Já foi removida.
toast-changed = Isso mudou nesse meio-tempo. Veja como está agora.
toast-device-gone = Esse dispositivo não está mais aqui.
toast-page-gone = Essa página não existe mais. Esta é a primeira.
toast-client-gone = Esse cliente não está mais aqui.
toast-not-allowed = Você não pode mais fazer isso.
toast-records-away = Não consigo acessar meus registros agora. Nada foi alterado. Tente de novo em um minuto.
toast-records-wait = Não consigo acessar meus registros agora. Vou cuidar disso assim que puder; nada se perde.
toast-unknown = Não funcionou. Se acontecer de novo, informe este número à administração: { $number }.
toast-old-copy = Esta é uma cópia antiga. Use o cartão mais recente.
toast-busy =
    { $count ->
        [one] Muita demanda no momento. Toque de novo em { $count } segundo.
       *[other] Muita demanda no momento. Toque de novo em { $count } segundos.
    }
toast-another-secret = Ainda há outra chave na sua tela. Toque primeiro em “Já salvei” lá.
toast-too-many-picked = No máximo { $limit } dispositivos podem ser alterados de uma vez. Nada mais foi selecionado.
toast-check-again = Confira de novo, por favor.

## The command menu

command-register = Adicionar um dispositivo
command-devices = Ver e gerenciar seus dispositivos
command-rename = Mudar o nome de um dispositivo
command-rotate = Obter uma nova chave para um dispositivo
command-revoke = Desativar um dispositivo para sempre
command-revoke-any = Revogar qualquer dispositivo: <ID do dispositivo> [motivo]
command-admin = O que se pode administrar
command-clients = Todos os clientes, ou os que começam com um texto
command-client = Um cliente: [ID, ID do Telegram ou @usuário]
command-suspend = Pausar um cliente: [cliente] [motivo]
command-resume = Deixar um cliente continuar: [cliente] [motivo]
command-audit = O que foi feito, e por quem: [cliente ou dispositivo]
command-stats = Quanto há e o que aconteceu hoje
command-token = Obter um token de 15 minutos para suas ferramentas
command-help = O que eu faço
command-id = Seu ID do Telegram
command-cancel = Interromper o que estamos fazendo

## Who may use the bot

access-asked =
    <b>Boas-vindas.</b> A administração precisa liberar o seu acesso.
    Já pedi, e escrevo para você aqui assim que houver uma resposta.
access-waiting =
    Ainda sem resposta: pedi { $at }. A administração precisa liberar o seu acesso.
    Escrevo para você aqui assim que houver uma resposta.
access-approved = ✅ <b>Você já tem acesso.</b> Agora pode registrar seus dispositivos.
access-refused = Seu pedido não foi aceito.
access-invitation-needed = Só dou acesso a quem tem um convite.

newcomer-asks = 👤 <b>Alguém pede acesso</b>
newcomer-name = Nome: <code>{ $name }</code>
newcomer-username = Usuário: @{ $username }
newcomer-id = ID do Telegram: <code>{ $id }</code>
newcomer-asked = Pediu { $at }
newcomer-approved = ✅ <code>{ $admin }</code> liberou o acesso de <code>{ $name }</code> (<code>{ $id }</code>) às { $at }.
newcomer-refused = ✖️ <code>{ $admin }</code> recusou <code>{ $name }</code> (<code>{ $id }</code>) às { $at }.
newcomer-invited = ✅ <code>{ $name }</code> (<code>{ $id }</code>) entrou com um convite de <code>{ $admin }</code> às { $at }.
newcomers-none = Ninguém espera por acesso.
newcomers-heading =
    { $count ->
        [one] <b>{ $count } pessoa espera</b> por acesso.
        [many] <b>{ $count } de pessoas esperam</b> por acesso.
       *[other] <b>{ $count } pessoas esperam</b> por acesso.
    }
button-approve = ✅ Aceitar
button-refuse = ✖️ Recusar
button-approve-after-all = Aceitar mesmo assim
button-newcomers = 👤 À espera ({ $count })
toast-faster-approved = { $admin } foi mais rápido: aceito.
toast-faster-refused = { $admin } foi mais rápido: recusado.
toast-faster-invited = Já entrou, com um convite de { $admin }.

command-invite = Compartilhar seus dispositivos com alguém
command-invite-any = Dar acesso a alguém
button-invite = ✉️ Convidar
button-invite-client = 👤 Novo cliente
button-invite-join = 👥 Entrar no meu cliente
button-invite-admin = 🛡 Administração
button-copy-link = 📋 Copiar link
button-withdraw = ↩️ Cancelar o convite
button-withdraw-all = ↩️ Cancelar os abertos ({ $count })
invite-ask = <b>O que o convite deve dar?</b> Crio um link que funciona uma vez, para uma pessoa.
invite-gives-client = <b>Novo cliente</b>: a pessoa entra e registra os próprios dispositivos.
invite-gives-join = <b>Entrar no meu cliente</b>: a pessoa vê e gerencia todos os seus dispositivos, como você. Uma chave só é mostrada a quem a pede.
invite-gives-admin = <b>Na administração</b>: a pessoa pode fazer tudo o que a administração faz.
invite-made = 🔗 <b>Aqui está o convite.</b>
invite-link = <code>{ $url }</code>
invite-until = Funciona uma vez, até { $until }. Entra quem abrir primeiro: envie só para a pessoa certa.
invite-withdrawn = ↩️ Cancelado. O link não funciona mais.
invites-withdrawn =
    { $count ->
        [0] Não há convite aberto para cancelar.
        [one] ↩️ Cancelado. O link não funciona mais.
        [many] ↩️ Cancelados. { $count } de links não funcionam mais.
       *[other] ↩️ Cancelados. { $count } links não funcionam mais.
    }
invite-closed-used = Este convite já foi usado: não há nada para cancelar.
invite-closed-expired = Este convite expirou: o link não funciona mais.
invite-unknown = Não conheço este convite. Peça outro.
invite-was-used = Este convite já foi usado: cada um funciona uma vez. Peça outro.
invite-expired = Este convite expirou. Peça outro.
invite-was-withdrawn = Quem fez este convite o cancelou. Peça outro.
invite-void = Quem fez este convite não pode mais dar o que ele promete. Peça outro.
invite-paused = O acesso de quem fez este convite está pausado, por isso ele não deixa ninguém entrar agora.
invite-own = Este convite é seu. Ele é para outra pessoa, e continua válido.
invite-already-in = Você já tem acesso. Este convite é para alguém novo, e continua válido.
invite-same-client = Você já compartilha estes dispositivos. O convite é para outra pessoa, e continua válido.
invite-has-devices = Você tem dispositivos próprios, por isso não pode entrar nos de outra pessoa. Abra mão dos seus primeiro: revogue-os e abra o link de novo. Nada mudou, e o convite continua válido.
invite-shares-devices = Você compartilha dispositivos com outras pessoas, por isso não pode entrar em outro lugar. Saia primeiro: os outros ficam com os dispositivos. Depois abra o link de novo. Nada mudou, e o convite continua válido.
invite-already-admin = Você já faz parte da administração. O convite é para outra pessoa, e continua válido.
invite-joined-client = ✅ <b>Você já tem acesso.</b> Agora pode registrar seus dispositivos.
invite-joined-join =
    { $count ->
        [0] ✅ <b>Você já tem acesso.</b> Você compartilha os dispositivos de quem o convidou; ainda não há nenhum.
        [one] ✅ <b>Você já tem acesso.</b> Você compartilha os dispositivos de quem o convidou: { $count } dispositivo.
        [many] ✅ <b>Você já tem acesso.</b> Você compartilha os dispositivos de quem o convidou: { $count } de dispositivos.
       *[other] ✅ <b>Você já tem acesso.</b> Você compartilha os dispositivos de quem o convidou: { $count } dispositivos.
    }
invite-joined-admin = ✅ <b>Você agora faz parte da administração.</b> /help mostra o que você pode fazer.
invite-used-client = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) abriu o seu convite e já tem acesso.
invite-used-join = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) abriu o seu convite e agora compartilha seus dispositivos.
invite-used-admin = ✉️ <code>{ $name }</code> (<code>{ $id }</code>) abriu o seu convite e agora faz parte da administração.
leave-ask = <b>Deixar os dispositivos compartilhados?</b> Os outros ficam com eles. Você não os verá mais, e começará sem nenhum.
leave-done = 🚪 Você saiu. Os outros ficam com os dispositivos; você pode registrar os seus ou abrir um convite.
leave-alone = Você não compartilha seus dispositivos com ninguém, por isso não há a quem deixá-los.
button-leave = 🚪 Sair
button-leave-now = 🚪 Sim, sair

command-admins = Ver, nomear e remover administradores
command-notices = Escolher sobre o que aviso
button-admins = 🛡 Administradores
button-name-admin = ➕ Nomear administrador
button-name-now = ✅ Sim, nomear
button-remove-admin = ➖ Remover { $name }
button-remove-now = ➖ Sim, remover
button-notices = 🔔 Avisos
admins-heading = <b>Administradores</b>
admins-line = <code>{ $name }</code> (<code>{ $id }</code>)
admins-line-fixed = <code>{ $name }</code> (<code>{ $id }</code>) · pela configuração, sempre
admins-how =
    <b>Nomear administrador</b>
    Envie /admins com o ID do Telegram de alguém que me usa, por exemplo <code>/admins 123456789</code>. Cada pessoa lê o seu com /id.
    Ou faça um convite: quem o abrir fará parte da administração.
admins-ask-name = Nomear <code>{ $name }</code> (<code>{ $id }</code>) administrador? A pessoa poderá fazer tudo o que você faz, e também remover você.
admins-named = ✅ <code>{ $name }</code> (<code>{ $id }</code>) agora faz parte da administração.
admins-ask-remove = Tirar <code>{ $name }</code> (<code>{ $id }</code>) da administração? Os dispositivos da pessoa continuam com ela.
admins-ask-remove-self = Tirar <b>você</b> da administração? Só outro administrador poderá nomear você de novo.
admins-removed = ➖ <code>{ $name }</code> (<code>{ $id }</code>) não faz mais parte da administração.
admins-removed-self = ➖ Você não faz mais parte da administração.
admins-unknown = Não conheço ninguém com o ID <code>{ $id }</code> que tenha acesso. Faça um convite.
admins-already = <code>{ $id }</code> já faz parte da administração.
admins-none = Essa pessoa não faz mais parte da administração. Nada mudou.
admins-fixed = A configuração nomeia esta pessoa. Isso não se muda na conversa.
admins-told-named = 🛡 <code>{ $name }</code> nomeou você administrador. /help mostra o que você pode fazer.
admins-told-removed = Você não faz mais parte da administração: foi <code>{ $name }</code> quem mudou isso.

notices-heading = <b>Sobre o que aviso a administração</b>
notices-on = 🔔 { $what }
notices-silent = 🔕 { $what } · sem som
notices-off = ✖️ { $what } · nunca
notices-about-newcomer-waiting = Alguém pede acesso
notices-about-handout-failed-admin = Uma chave que não consigo apagar
notices-about-secret-leaked-admin = Uma chave que alguém me enviou
notices-about-owner-unreachable = Um titular que não recebe
button-notice-on = 🔔 { $what }
button-notice-silent = 🔕 { $what }
button-notice-off = ✖️ { $what }
