#!/usr/bin/env bash
# tamper.sh: someone with the database file in their hands cannot change the past unnoticed. Each case
# alters a copy with the sqlite3 command line, as an insider would, and the verification has to name the
# first bad entry.
. "$(dirname "$0")/journey.bash"
need node
need sqlite3

check "an operation to alter" simulated ops 11 0.02
check "opened" operation_opened ops
check "half of its files" m import $(ls ops/in/* | head -12)
m ledger checkpoint; cp out early.txt
m ledger checkpoint --key; cp out key.txt
check "an early backup" m backup --out early.db
check "the other files" m import $(ls ops/in/* | tail -n +13)
m ledger checkpoint; cp out late.txt
check "a backup" m backup --out whole.db
size=$(ledger_size)
key=$(cat key.txt)
middle=$((size / 2))

# altered NAME SQL: the case's own copy, altered. Triggers and checks are no obstacle to whoever holds the
# file.
altered() {
    db=$scratch/$1.db
    cp whole.db "$db"
    sqlite3 -batch "$db" "PRAGMA ignore_check_constraints = ON; $2" > /dev/null 2> sqlite.err || { cat sqlite.err; return 1; }
}

# found NAME FIRST-BAD [verify options]: exit code 1, and that entry.
found() {
    local name=$1 want=$2; shift 2
    m --json ledger verify "$@"
    same "$name: verify answers no" $? 1
    same "$name: it names the first bad entry" "$(node -p 'JSON.parse(fs.readFileSync("out")).first_bad')" "$want"
    js "$name: it says what is wrong" 'assert.equal(f[0].good, false); assert(f[0].why.length > 10)' out
    m ledger verify "$@"
    says "$name: people are told too" "NOT good. First bad entry: $want."
}

# --- untouched ---
for options in "" "--checkpoint early.txt" "--checkpoint late.txt" "--checkpoint late.txt --key $key"; do
    check "the untouched ledger is good ${options:+(with ${options%% --key*})}" m ledger verify $options
done
altered vacuumed "VACUUM"
check "a copy that was only tidied is good" m ledger verify --checkpoint "$scratch/late.txt"
altered projection "UPDATE nominal SET band = 'low'"
check "a projection is not the ledger: verify still says good" m ledger verify
exits "but a rebuild shows that someone wrote behind the ledger's back" 1 m ledger rebuild
says "and names the table" nominal

# --- altered ---
altered body "UPDATE ledger_entry SET body = replace(body, '\"', '\"') || ' ' WHERE seq = $middle"
found "an altered body" $middle
altered digit "UPDATE ledger_entry SET at = at + 1 WHERE seq = 7"
found "an altered time" 7
altered actor "UPDATE ledger_entry SET actor = actor + 1 WHERE seq = $middle"
found "another actor" $middle
altered salt "UPDATE ledger_entry SET salt = zeroblob(16) WHERE seq = $middle"
found "another salt" $middle
altered emptied "UPDATE ledger_entry SET body = NULL, salt = NULL WHERE seq = $middle"
found "a body destroyed without authority" $middle
altered deleted "DELETE FROM ledger_entry WHERE seq = $middle"
found "a deleted entry" $middle
altered renumbered "DELETE FROM ledger_entry WHERE seq = $middle;
    UPDATE ledger_entry SET seq = -seq WHERE seq > $middle; UPDATE ledger_entry SET seq = -seq - 1 WHERE seq < 0"
found "a deleted entry, the later ones moved up" $middle
# Swapped bodies with all their hashes: each row agrees with itself, but a leaf holds its own number.
altered swapped "UPDATE ledger_entry SET seq = -1 WHERE seq = $middle;
    UPDATE ledger_entry SET seq = $middle WHERE seq = $middle + 1; UPDATE ledger_entry SET seq = $middle + 1 WHERE seq = -1"
found "two swapped entries" $middle
altered inserted "UPDATE ledger_entry SET seq = -seq - 1 WHERE seq > $middle; UPDATE ledger_entry SET seq = -seq WHERE seq < 0;
    INSERT INTO ledger_entry SELECT $middle + 1, at, kind, actor, agency, operation, subject, salt, body, digest, leaf
    FROM ledger_entry WHERE seq = $middle"
found "an inserted entry" $((middle + 1))
altered leaf "UPDATE ledger_entry SET leaf = zeroblob(32) WHERE seq = $middle"
found "an overwritten leaf" $middle
altered node "UPDATE ledger_node SET hash = zeroblob(32) WHERE level = 1 AND idx = 0"
found "an overwritten node of the tree" 2

# --- cut and put back ---
altered cut "DELETE FROM ledger_entry WHERE seq > $size - 5"
found "a tail cut off" $((size - 4))
# The head with it, and every trace of a later checkpoint: as the ledger was, bit for bit, at the early
# backup.
altered older "DELETE FROM ledger_checkpoint"
cp early.db older.db
db=$scratch/older.db
sqlite3 older.db "DELETE FROM ledger_checkpoint"
check "an older copy put back is good by itself" m ledger verify
small=$(ledger_size)
check "and extends the checkpoint of its own time" m ledger verify --checkpoint early.txt
found "an older copy against a newer checkpoint" $((small + 1)) --checkpoint late.txt
# A tail cut off with the head and the nodes made to fit: take them from the time when the ledger ended there.
altered refit "DELETE FROM ledger_entry WHERE seq > $small; DELETE FROM ledger_node; DELETE FROM ledger_head; DELETE FROM ledger_checkpoint;
    ATTACH '$scratch/early.db' AS early; INSERT INTO ledger_node SELECT * FROM early.ledger_node;
    INSERT INTO ledger_head SELECT * FROM early.ledger_head"
found "a tail cut off, head and tree made to fit" $((small + 1)) --checkpoint late.txt
altered kept "DELETE FROM ledger_entry WHERE seq > $small; DELETE FROM ledger_node; DELETE FROM ledger_head;
    ATTACH '$scratch/early.db' AS early; INSERT INTO ledger_node SELECT * FROM early.ledger_node;
    INSERT INTO ledger_head SELECT * FROM early.ledger_head"
found "the same, with the checkpoints kept here left in place" $((small + 1))

# --- received files are facts too ---
altered chunk "UPDATE ledger_file_chunk SET bytes = zeroblob(length(bytes)) WHERE rowid =
    (SELECT rowid FROM ledger_file_chunk ORDER BY rowid LIMIT 1)"
m --json ledger verify
same "an altered received file: verify answers no" $? 1
js "an altered received file: it names the entry that took it in" 'assert.equal(f[0].good, false); assert(f[0].first_bad > 0)' out

# --- checkpoints ---
db=$scratch/muster.db
sed 's/^\(.*\)$/\1/; 2s/.*/999999/' late.txt > forged.txt
m ledger verify --checkpoint forged.txt
code=$?
if [ $code -ne 0 ]; then pass "a forged checkpoint is refused"; else fail "a forged checkpoint is refused"; fi
exits "a checkpoint of another installation is refused" 0 bash -c "
    '$MUSTER' --db other.db --quiet init --admin coordinator > /dev/null && '$MUSTER' --db other.db ledger checkpoint > other.txt &&
    ! '$MUSTER' --db '$db' --quiet ledger verify --checkpoint other.txt > out 2> err"

# --- restore verifies what it puts in place ---
db=$scratch/fresh.db
m restore --from body.db
code=$?
if [ $code -ne 0 ] && [ ! -e fresh.db ]; then pass "an altered backup is not restored"; else fail "an altered backup is not restored"; fi
m restore --from early.db --checkpoint late.txt
code=$?
if [ $code -ne 0 ] && [ ! -e fresh.db ]; then pass "an older backup does not pass for the newer"; else fail "an older backup does not pass for the newer"; fi
check "a good backup is restored" m restore --from whole.db --checkpoint late.txt
check "and verifies" m ledger verify --checkpoint late.txt
finish
