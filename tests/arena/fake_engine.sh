#!/bin/sh
# A GTP program that misbehaves: fake_engine.sh MODE. It passes as long as it behaves.
#   pass        always passes: a well-behaved, weak program     dead        passes, and calls all stones dead
#   exit        ends at its second move                         crash       kills itself at its second move
#   hang        does not answer its second move                 deaf        never reads anything
#   nonsense    answers what is no GTP                          nowhere     answers a move off the board
#   illegal     plays A1 again and again                        refuse      refuses every move of ours
#   flood       answers without end                             noid        leaves ids out (and is forgiven)
#   resign      resigns at once                                 step        answers with the ids of other commands
#   parting     answers its second move and ends at once        crlf        ends lines with \r\n
#   second      kills itself in the second game of a process    gone        ends at once
#   group       ends its process group at its second move       closed      closes its output at once and stays
#   silent      never answers final_status_list                 litter      leaves a process behind in a session of its own, named $2,
#                                                               whose parent has ended; then as mode $3
mode=$1
moves=0
games=0
if [ "$mode" = litter ]; then
    (setsid sh -c "sleep 1000; : $2" </dev/null >/dev/null 2>&1 &)
    mode=$3
fi
[ "$mode" = gone ] && exit 4
[ "$mode" = closed ] && exec sleep 1000 >/dev/null
[ "$mode" = deaf ] && exec sleep 1000
while read -r id command arguments; do
    echo noise from "$command" >&2
    reply=''
    case $command in
    clear_board) moves=0 games=$((games + 1)) ;;
    play) [ "$mode" = refuse ] && { printf '?%s I do not like it\n\n' "$id"; continue; } ;;
    final_status_list) [ "$mode" = silent ] && continue
        [ "$mode" = dead ] && reply='B2 B3
B4 C2 C3 C4 D2 D3 D4' ;;
    genmove)
        moves=$((moves + 1))
        reply=pass
        case $mode in
        resign) reply=resign ;;
        nonsense) echo 'Segmentation fault (core not dumped)'; echo; continue ;;
        nowhere) reply=Z99 ;;
        illegal) reply=A1 ;;
        flood) yes '= and so on' ;;
        step) id=7777 ;;
        second) [ $games -eq 2 ] && kill -9 $$ ;;
        esac
        if [ $moves -ge 2 ]; then
            case $mode in
            exit) exit 3 ;;
            crash) kill -9 $$ ;;
            group) kill 0 ;;
            hang) sleep 1000 ;;
            parting) printf '=%s pass\n\n' "$id"; exit 0 ;;
            esac
        fi ;;
    quit) printf '=%s\n\n' "$id"; exit 0 ;;
    esac
    case $mode in
    noid) printf '= %s\n\n' "$reply" ;;
    crlf) printf '=%s %s\r\n\r\n' "$id" "$reply" ;;
    *) printf '=%s %s\n\n' "$id" "$reply" ;;
    esac
done
