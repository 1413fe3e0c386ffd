#!/usr/bin/env bash
# hashset.sh: sets of known files without a database and with one: made, asked, compared, joined, proved;
# used in an operation, and grades sent and reconciled.
. "$(dirname "$0")/journey.bash"
need node

md5_a=0cc175b9c0f1b6a831c399e269772661 md5_b=92eb5ffee6ae2fec3ad71c777531578f md5_c=4a8a08f09d37b73795649038408b5f33
pdq=f8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22
near=08f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22
context='"@odata.context":"http://example.invalid/DataModels/2.0.xml/UK/$metadata#Media"'
printf '{%s,"value":[{"MD5":"%s","Category":1,"Series":"blue"},{"MD5":"AA"}]}' "$context" "${md5_a^^}" > a.json
printf 'md5,pdq,grade,scale\n%s,%s,B,UK\n' "$md5_b" "$pdq" > b.csv
printf '{"value":[{"MD5":"AA"},]}' > bad.json
printf '%s\n%s\n%s\nnone\n' "$md5_a" "$md5_c" "$md5_b" > digests.txt
printf '%s\t90\tpicture.jpg\n' "$near" > pdq.txt

# --- without a database ---
check "a set is built from several sources" m hashset build a.json b.csv -o known.set
says "each row is counted" "2 rows = 1 entries + 1 rejected + 0 of the empty file"
says "a bad row is named" "its MD5 is not one"
exits "a malformed source is refused" 2 m hashset build a.json bad.json -o bad.set
same "and no set is left" "$(ls | grep -c bad.set)" 0
check "digests are found" m hashset find --set known.set digests.txt
same "a line a hit: digest, set, grade, series" "$(cat out)" "$(printf '%s\ta\t1\tblue\n%s\tb\tB\t' "$md5_a" "$md5_b")"
check "a near picture is found" m hashset near --set known.set --distance 31 pdq.txt
same "with its distance" "$(cut -f1-5 out)" "$(printf '%s\t4\t%s\tb\tB' "$near" "$pdq")"
check "the set says what it holds" m --json hashset info known.set
same "as JSON" "$(node -p 'JSON.parse(require("fs").readFileSync("out")).entries')" 2
check "a key is made" m hashset key lab.example -o lab.key
cp out lab.vkey
check "a set is signed by it" m hashset merge known.set known.set -o signed.set --key lab.key
says "and says so" "Signed by lab.example"
check "the signature is proved" m hashset verify signed.set --key lab.vkey
says "by name" "It is signed by lab.example"
exits "an unsigned set does not pass for signed" 1 m hashset verify known.set --key lab.vkey
cp signed.set altered.set; printf '\x01' | dd of=altered.set bs=1 seek=9000 conv=notrunc 2> /dev/null
exits "an altered set is refused" 2 m hashset verify altered.set
head -c 5000 signed.set > cut.set
exits "a truncated set is refused" 2 m hashset info cut.set
printf 'md5,grade,scale\n%s,A,UK\n' "$md5_b" > c.csv
m hashset build c.csv --name b -o c.set; m hashset build b.csv --name b -o b.set
exits "a difference is an answer of its own" 1 m hashset diff b.set c.set
says "and is told" "regraded"

# --- in an operation ---
check "a database" m init --admin coordinator
check "an operation" m operation open --file "$fixtures/authority.json"
printf 'event_ref,account,service,ip_address,seen_at,md5\nE1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z,%s\nE2,two,chat.example,192.0.2.2,2026-03-02T10:00:00Z,%s\n' "$md5_a" "$md5_c" > events.csv
check "files are taken in" m import events.csv
check "a set signed by the database" m hashset build a.json -o own.set
says "by its ledger's key" "Signed by muster/main"
check "the set is used, back over what is held" m hashset add own.set
says "and tells what it knows" "2 files held were compared with it; it knows 1"
check "the job is listed" m job list
says "as done" "done"
check "a file no set knows is graded" m hashset grade "$md5_c" --scale UK --grade B
exits "one that a set knows is not" 4 m hashset grade "$md5_a" --scale UK --grade B
check "grades are sent" m hashset export --format vics -o grades.json
says "and balance" "1 sent = 0 accepted + 0 refused + 1 pending"
check "what was sent reads back" m hashset build grades.json -o back.set
printf 'md5,answer,reason\n%s,accepted,\n' "$md5_c" > answers.csv
check "answers come back" m hashset answers answers.csv
check "and are reconciled" m --json hashset exchanges
same "sent = accepted + refused + pending" \
    "$(node -p 'const x = JSON.parse(require("fs").readFileSync("out")).exchanges[0]; [x.sent, x.accepted, x.refused, x.pending].join(" ")')" "1 1 0 0"
check "a rebuild is identical" m ledger rebuild
says "it says so" "identical"

# --- a backup is whole ---
check "a backup" m --json backup --out copy.db
same "holds the sets in use" "$(node -p 'JSON.parse(require("fs").readFileSync("out")).sets')" 1
same "under the same names" "$(cd copy.db.sets && ls)" "$(cd "$db.sets" && ls)"
check "it is restored" m --db back.db restore --from copy.db
says "with its sets" "back.db.sets: verified, 1 set of known files"
printf 'event_ref,account,service,ip_address,seen_at,md5\nE3,three,chat.example,192.0.2.1,2026-03-01T10:00:00Z,%s\n' "$md5_a" > more.csv
check "what comes in then is matched" m --db back.db import more.csv
check "by the set" m --db back.db --json hashset list
same "which knows both files" "$(node -p 'JSON.parse(require("fs").readFileSync("out"))[0].known')" 2
check "the restored ledger replays" m --db back.db ledger rebuild
set=$(ls copy.db.sets)
printf '\x01' | dd of="copy.db.sets/$set" bs=1 seek=9000 conv=notrunc 2> /dev/null
exits "an altered set is not restored" 6 m --db other.db restore --from copy.db
says "and is named" "The file of the known-file set own.set is"
same "nothing is left" "$(ls | grep -c '^other')" 0
check "but everything else can be" m --db other.db restore --from copy.db --without-sets
mv "$db.sets" away
exits "a missing set is not left out of a backup in silence" 6 m backup --out short.db
says "it is named" "The file of the known-file set own.set is"
says "with what to do" "--without-sets"
same "no half a backup is left" "$(ls | grep -c '^short')" 0
cp -r away "$db.sets"; printf '\x01' | dd of="$db.sets/$set" bs=1 seek=9000 conv=notrunc 2> /dev/null
exits "nor an altered one" 6 m backup --out short.db
same "no half a backup is left then" "$(ls | grep -c '^short')" 0
rm -rf "$db.sets"

# --- a set file is gone ---
printf 'event_ref,account,service,ip_address,seen_at,md5\nE3,three,chat.example,192.0.2.1,2026-03-01T10:00:00Z,%s\n' "$md5_a" > more.csv
exits "a missing set file is told" 6 m import more.csv
says "with what to do" "muster hashset add"
check "putting it back is enough" m hashset add own.set
says "and changes nothing else" "registered before"
finish
