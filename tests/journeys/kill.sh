#!/usr/bin/env bash
# kill.sh: SIGKILL at random instants loses nothing that was acknowledged, and never unbalances intake.
#
# A life is a whole small operation: files taken in, people added, bands decided, packages built and sent, a
# backup and a restore. Each command is killed at a random instant, then run again, as an operator would
# after a crash. What a command that exited 0 had done must be there from then on. At the end of each life
# the figures, the balance of every file and what was linked equal those of a life that nobody interrupted,
# and a rebuild from the ledger is identical.
#
#   MUSTER_KILLS=200 MUSTER_KILL_SEED=1 MUSTER_KILL_SCALE=0.03 tests/journeys/kill.sh
#
# The same seed gives the same choices; the instants also depend on the machine. tools/soak runs it for
# longer.
. "$(dirname "$0")/journey.bash"
need node
need sqlite3
need timeout

want_kills=${MUSTER_KILLS:-200}
seed=${MUSTER_KILL_SEED:-$(( $(date +%s) % 32768 ))}
scale=${MUSTER_KILL_SCALE:-0.03}
echo "# seed $seed, $want_kills kills, scale $scale"
RANDOM=$seed

kills=0 lives=0 broken=0
declare -A usual=()                 # command: milliseconds it usually takes
declare -A told=()                  # what went wrong, each told once
trouble() {                         # one invariant broken
    broken=$((broken + 1))
    [ -n "${told[$1]:-}" ] || { echo "# BROKEN in life $lives after $kills kills: $1"; tell_why; }
    told[$1]=yes
}
now_ms() { local t=${EPOCHREALTIME/./}; echo $((t / 1000)); }

# --- one killed command ---
# attempt NAME WORD...: runs it under a timer of random length. 0: it was acknowledged; 137: it was killed.
attempt() {
    local name=$1 limit=${usual[$1]:-100} began delay code; shift
    delay=$((5 + limit / 6 + (RANDOM * 32768 + RANDOM) % (limit * 11 / 10 + 1)))
    began=$(now_ms)
    # Outside the braces, the shell would tell of each death.
    { timeout -s KILL "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))" "$MUSTER" --db "$db" --quiet "$@" \
        > "$scratch/out" 2> "$scratch/err"; } 2> /dev/null
    code=$?
    [ $code -eq 0 ] && usual[$name]=$(((limit * 3 + $(now_ms) - began + 3) / 4))
    [ $code -eq 137 ] && kills=$((kills + 1))
    return $code
}

# insist NAME WORD...: as an operator would: again, until it says that it is done. Killed four times at most.
insist() {
    local name=$1 code tries=0; shift
    while [ $tries -lt 4 ] && [ $kills -lt $want_kills ]; do
        attempt "$name" "$@"; code=$?
        if [ $code -ne 137 ]; then break; fi
        tries=$((tries + 1))
        after_kill "$name"
    done
    if [ ${code:-137} -eq 137 ]; then m "$@"; code=$?; fi
    acknowledged "$name" $code
    return $code
}

# --- what must hold ---
size_seen=0 leaf_seen=''
after_kill() {          # the next start finds a good ledger that still holds all that was acknowledged
    m ledger verify || trouble "the ledger is good after a kill in $1"
    still_there "$1"
}
unbalanced="SELECT name, state, received, taken, merged, rejected, pending,
    (SELECT count(*) FROM rejection r WHERE r.file = f.id) AS lines,
    (SELECT count(*) FROM pending_row p WHERE p.file = f.id AND p.settled IS NULL) +
    (SELECT count(*) FROM return_row r WHERE r.file = f.id AND r.state IN ('waiting', 'pending')) AS waiting
    FROM received_file f WHERE received <> taken + merged + rejected + pending OR rejected <> lines OR pending <> waiting"
still_there() {
    local size leaf entries
    IFS='|' read -r size leaf entries < <(sql "SELECT h.size, (SELECT hex(leaf) FROM ledger_entry WHERE seq = $size_seen),
        (SELECT count(*) FROM ledger_entry) FROM ledger_head h")
    [ "$size" -ge "$size_seen" ] || trouble "no acknowledged entry is lost in $1 ($size of $size_seen)"
    [ "$leaf" = "$leaf_seen" ] || trouble "what was acknowledged is unaltered after $1"
    [ "$entries" = "$size" ] || trouble "the head fits the entries after a kill in $1"
    sql "$unbalanced" > "$scratch/why"
    [ -s "$scratch/why" ] && trouble "every file is balanced after a kill in $1"
    rm -f "$scratch/why"
}
acknowledged() {        # NAME CODE: from here on, this is not to be lost
    [ "$2" -eq 0 ] || return
    local size leaf
    IFS='|' read -r size leaf < <(sql "SELECT h.size, hex(e.leaf) FROM ledger_head h JOIN ledger_entry e ON e.seq = h.size")
    [ "$size" -ge "$size_seen" ] || trouble "the ledger never shrinks ($1)"
    size_seen=$size leaf_seen=$leaf
}

# --- a life ---
take_in() {
    local name i=0 files=(ops/in/*)
    while [ $i -lt ${#files[@]} ]; do
        local some=("${files[@]:i:8}")
        i=$((i + 8))
        insist import import "${some[@]}" || trouble "files are taken in"
        for name in "${some[@]}"; do
            [ "$(wc -l < "$name")" -gt 1 ] || continue          # a header alone: the same bytes under several names
            [ "$(sql "SELECT state FROM received_file WHERE name = '${name##*/}'")" = finished ] ||
                trouble "an acknowledged file is there whole"
        done
    done
}

add_people() {
    local i
    for i in 1 2; do
        insist user user add "officer-$lives-$i" --agency essex --role force-officer --password-file password
        # Killed after it was done but before it said so, it is known already.
        [ "$(sql "SELECT count(*) FROM person WHERE login = 'officer-$lives-$i'")" = 1 ] || trouble "a person added is there"
    done
}

decide_bands() {
    local n ref
    m --json waiting --limit 1000
    for ref in $(grep -o '"N-[0-9A-Z]*"' out | tr -d '"' | sort -u | head -6); do
        n=$(sql "SELECT count(*) FROM ledger_entry WHERE kind = 'band.decided'")
        insist decide risk decide "$ref" --band very-high --reason "A child in the household" || trouble "a band is decided"
        [ "$(sql "SELECT count(*) FROM ledger_entry WHERE kind = 'band.decided'")" -gt "$n" ] || trouble "a decision is there"
    done
}

packages() {            # STATE: their references
    m --json package list --state "$1" --limit 1000
    grep -o '"P-[0-9A-Z]*"' out | tr -d '"' | sort -u
}
send_packages() {
    local ref
    insist build package build --all || trouble "packages are built"
    for ref in $(packages built | head -6); do
        insist send package send "$ref"         # killed after it was done, it answers that this was done (4)
        [ "$(packages sent | grep -cxF "$ref")" = 1 ] || trouble "a package sent is sent"
    done
    [ "$(sql 'SELECT count(*) FROM (SELECT nominal FROM package GROUP BY nominal HAVING count(*) > 1)')" = 0 ] ||
        trouble "nobody has two packages"
}

copies() {
    local tries=0
    rm -f copy.db* back.db*
    while [ $tries -lt 6 ] && ! attempt backup backup --out copy.db; do
        tries=$((tries + 1))
        after_kill backup
        # A file of the final name is always a good backup.
        [ ! -e copy.db ] || "$MUSTER" --db copy.db --quiet ledger verify > out 2> err || trouble "a backup that exists is good"
        [ -e copy.db ] && break
    done
    [ -e copy.db ] || m backup --out copy.db || trouble "a backup is made"
    local live=$db
    db=$scratch/back.db
    for tries in 1 2 3; do
        attempt restore restore --from copy.db
        [ ! -e back.db ] || m ledger verify || trouble "a restored database that exists is good"
        [ -e back.db ] && break
    done
    [ -e back.db ] || m restore --from copy.db || trouble "a backup is restored"
    db=$live
}

# What a life comes to, apart from the numbers the ledger gave out: figures, balances, links, places.
outcome() {             # DATABASE FILE
    local live=$db day
    db=$1
    {
        for day in 2014-07-16 2015-03-20; do m --json figures --as-at $day && grep -v known_size out; done
        sql "SELECT name, format, received, taken, merged, rejected, pending FROM received_file WHERE state = 'finished' ORDER BY name"
        sql "SELECT count(*), sum(referrals), sum(answers), sum(known_files), sum(children) FROM nominal WHERE merged_into IS NULL"
        sql "SELECT r.source_ref, a.short_id, n.postcode, n.suggested FROM referral r JOIN sighting s ON s.referral = r.id JOIN nominal o ON
            o.id = s.nominal JOIN nominal n ON n.id = coalesce(o.merged_into, o.id) LEFT JOIN agency a ON a.id = n.force
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    } > "$2"
    db=$live
}

live() {
    lives=$((lives + 1))
    db=$scratch/live.db
    rm -f live.db*
    cp start.db live.db
    size_seen=0 leaf_seen=''
    take_in
    outcome "$db" outcome.live
    cmp -s outcome.whole outcome.live || { diff outcome.whole outcome.live | head -5 > why; trouble "a life comes to the same as an uninterrupted one"; }
    m ledger checkpoint && cp out checkpoint.txt
    add_people
    decide_bands
    send_packages
    copies
    m ledger verify --checkpoint checkpoint.txt || trouble "the ledger extends the checkpoint taken on the way"
    m ledger rebuild || trouble "a rebuild is identical"
    rm -f live.db.rebuild*
}

# --- an uninterrupted life to compare with ---
printf 'a long enough password\n' > password
check "an operation" simulated ops "$((seed % 97 + 1))" "$scale"
db=$scratch/start.db
check "its database" operation_opened ops
cp start.db whole.db
db=$scratch/whole.db
began=$(now_ms)
chunks=0
files=(ops/in/*)
for ((i = 0; i < ${#files[@]}; i += 8)); do
    m import "${files[@]:i:8}" || trouble "an uninterrupted import"
    chunks=$((chunks + 1))
done
same "an uninterrupted life has no trouble" $broken 0
usual[import]=$((($(now_ms) - began) / chunks + 1))
usual[user]=300 usual[decide]=60 usual[build]=200 usual[send]=60 usual[backup]=100 usual[restore]=100
outcome whole.db outcome.whole

started=$(now_ms)
while [ $kills -lt "$want_kills" ]; do
    before=$kills broken_before=$broken
    live
    [ $kills -gt $before ] || break          # nothing can be killed on this machine: the count below says so
    if [ $broken -eq $broken_before ]; then pass "life $lives: $((kills - before)) kills, nothing lost"
    else fail "life $lives: $((kills - before)) kills, $((broken - broken_before)) invariants broken"; fi
done
check "as many kills as asked for" [ $kills -ge "$want_kills" ]
same "every acknowledged command was kept" $broken 0
echo "# $kills kills in $lives lives, $(( ($(now_ms) - started) / 1000 )) s"
finish
