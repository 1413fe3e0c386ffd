#!/usr/bin/env bash
# links.sh: one man under two names, father and son at one address, and a pair nobody but a person can settle:
# what is joined by itself, what is asked, what a decision does, and that undoing it gives back what was.
. "$(dirname "$0")/journey.bash"
need node
need sqlite3

check "init makes a database" m init --admin coordinator
check "operation open records the authority" m operation open --file "$fixtures/authority.json"
head='list_ref,family_name,given_names,date_of_birth,address,town,postcode,email,purchased_at'
names=(Ackroyd Bolsover Cattermole Dunwoody Entwistle Fairclough Garside)
{
    echo "$head"
    for i in $(seq 0 41); do
        echo "S$i,${names[$((i % 7))]},Alan$i,19$((40 + i))-0$((1 + i % 9))-1$((i % 9)),$i Mill Road,Town$i,LS$((1 + i % 20)) $((1 + i % 9))AB,,2026-05-01"
    done
    echo 'R1,Ashdown,Robert,1984-05-12,12 High Street,Alnwick,NE69 7AW,bob.ashdown@example.org,2026-05-01'
    echo 'R2,Ashdown,Bob,1984-05-12,12 High St,Alnwick,NE69 7AW,,2026-05-02'
    echo 'F1,Beckwith,John,1950-03-04,3 Church Lane,Otley,LS21 1AA,,2026-05-01'
    echo 'F2,Beckwith,John,1979-11-21,3 Church Lane,Otley,LS21 1AA,,2026-05-02'
    echo 'P1,Carmichael,Stephen,1971-08-09,,Kendal,,,2026-05-01'
    echo 'P2,Carmichael,Steven,1971-09-08,,Kendal,LA9 4AB,,2026-05-02'
} > people.csv
check "the list is taken in" m import people.csv

nominal() { sqlite3 "$db" "SELECT s.nominal FROM sighting s JOIN referral r ON r.id = s.referral WHERE r.source_ref = '$1'"; }
# What people see of nominals, without the marks of when something changed.
state() {
    sqlite3 "$db" "SELECT id, name, born, status, merged_into, referrals, children, stage, address FROM nominal ORDER BY id;
        SELECT id, nominal FROM sighting ORDER BY id; SELECT a, b FROM apart; SELECT id, top_a, top_b, state, decided FROM link_pair"
}
same "Robert and Bob are one nominal" "$(nominal R1)" "$(nominal R2)"
check "father and son are two" test "$(nominal F1)" != "$(nominal F2)"
same "what was joined by weight names the pair it came from" \
    "$(sqlite3 "$db" 'SELECT count(*) FROM merge m JOIN link_pair p ON p.id = m.pair WHERE p.weight >= 15000')" 1

check "what waits is listed" m link review --json
cp out review.json
js "Stephen and Steven wait for a person" 'assert(f[0].some(p => /family name/.test(p.reason)))' review.json
ref=$(node -p "const n=JSON.parse(fs.readFileSync('review.json')); n.find(p => /day and month swapped/.test(p.reason)).pair")
one=$(node -p "const n=JSON.parse(fs.readFileSync('review.json')); n.find(p => p.pair === '$ref').one")
two=$(node -p "const n=JSON.parse(fs.readFileSync('review.json')); n.find(p => p.pair === '$ref').two")
check "the pair is explained" m link explain "$one" "$two"
says "in a sentence first" "The two records give the same family name"
check "and in numbers" m link explain "$one" "$two" --json
cp out explained.json
js "which add up" 'const x = f[0]; assert(Math.abs(x.waterfall.at(-1).sum - x.weight_millibits) <= 20)' explained.json

state > before
check "a person says they are one" m link decide "$ref" same --reason "Same passport" --json
decision=$(node -p "JSON.parse(fs.readFileSync('out')).decision")
same "and they are" "$(nominal P1)" "$(nominal P2)"
check "decisions leave as labels" m link labels -o labels.csv
same "one row each" "$(grep -c same labels.csv)" 1
check "the decision is undone" m link undecide "$decision" --reason "The wrong file"
state > after
same "exactly what was before is back" "$(cmp before after && echo yes)" yes
check "then they are said to be two" m link decide "$ref" different --reason "Two passports"
check "linking again leaves them two" m link run
check "still two" test "$(nominal P1)" != "$(nominal P2)"
check "and no longer asked about" m link review --json
cp out review.json
js "the pair is off the list" "assert(!f[0].some(p => p.pair === '$ref'))" review.json
check "how linking stands" m link report --json
cp out report.json
js "is told" 'assert(f[0].model && f[0].thresholds.link_bits > f[0].thresholds.review_bits && f[0].records > 40)' report.json
js "father and son share a household" 'assert(f[0].households.some(h => h.nominals.length === 2))' report.json

# --- who a register and an operator name ---
{
    echo 'register_ref,family_name,given_names,date_of_birth,address,postcode,force'
    echo 'REG1,Carmichael,Steve,1971-09-08,,LA9 4AB,cumbria'
} > register.csv
{
    echo 'event_ref,account,service,ip_address,port,seen_at'
    echo 'E1,heron,chat.example,192.0.2.8,,2026-03-01T10:00:00Z'
} > events.csv
{
    echo 'operator_ref,operator,ip_address,port,asked_at,account_holder,date_of_birth,installation_address,installation_postcode,session_start,session_end,shared_address'
    echo 'Q1,Example Broadband,192.0.2.8,,2026-03-01T10:00:00Z,Mr Steven Carmichael,1971-09-08,5 Mill Lane Kendal,LA9 4AB,,,no'
} > answers.csv
joined() { sql "SELECT count(*) FROM merge; SELECT count(*) FROM link_pair"; }
for file in register.csv events.csv answers.csv; do check "$file is taken in" m import "$file"; done
joined > joined-before
check "the register's entry is weighed" m link registers "$two" --json
cp out told.json
js "and brings the man up" 'assert(f[0].some(h => h.register_ref === "REG1" && /date of birth/.test(h.reason)))' told.json
check "so is who pays for the line" m link answers "$two" --json
cp out told.json
js "with what it does not say" 'assert(f[0].some(h => h.operator_ref === "Q1" && /anyone of the house/.test(h.caution)))' told.json
check "in words too" m link answers "$two"
says "the same caution" "Nothing follows by itself"
check "linking again" m link run
joined > joined-after
same "joins nobody for it" "$(cmp joined-before joined-after && echo yes)" yes

# --- who has nothing to do with it ---
m --json waiting
who=$(node -p "JSON.parse(fs.readFileSync('out')).map(w => w.subject).find(s => s.startsWith('N-'))")
eliminated() { sql "SELECT count(*) FROM nominal WHERE status = 'eliminated'"; }
waiting() { sql "SELECT count(*) FROM clock WHERE stopped IS NULL AND kind = 'nominal.action'"; }
before=$(waiting)
check "someone is proposed to be eliminated" m nominal eliminate "$who" --reason "The account was taken over."
exits "not by one person alone" 3 m nominal second "$who" --agree yes
check "another coordinator" m user add second --agency coordinator --role coordinator --name "A Second"
check "agrees" m --as second nominal second "$who" --agree yes
same "one is eliminated" "$(eliminated)" 1
same "and nothing waits about them" "$(waiting)" $((before - 1))
exits "nobody is eliminated twice" 4 m nominal eliminate "$who" --reason "Again."
check "it is taken back" m nominal reinstate "$who" --reason "It was not."
same "nobody is eliminated" "$(eliminated)" 0
same "and what waited waits again" "$(waiting)" "$before"

check "ledger verify" m ledger verify
check "rebuild" m ledger rebuild
says "rebuild is identical" "identical"
finish
