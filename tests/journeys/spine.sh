#!/usr/bin/env bash
# spine.sh: the eight lines of the README, in order, and everything they promise, held against the truth
# that the simulated operation was written with. Scale 1: the published totals.
. "$(dirname "$0")/journey.bash"
need node
need sqlite3
db=ops/muster.db

# --- the eight lines ---
check "simulate writes an operation" "$MUSTER" simulate --scenario notarise --seed 7 --scale 1 -o ops
check "init makes a database" m init --admin coordinator
says "init prints a first password once" "may sign in with"
check "operation open records the authority" m operation open --file ops/authority.json
check "import takes every file in" m import --json ops/in/*
cp out import.json
check "figures as at the first announcement" m figures --as-at 2014-07-16 --json
cp out first.json
check "figures bridge" m figures --from 2014-07-16 --as-at 2015-03-20 --bridge --json
cp out bridge.json
check "waiting" m waiting --json --limit 100000
cp out waiting.json
check "ledger verify" m ledger verify
says "the ledger is good" "The ledger is good"

m figures --as-at 2015-03-20 --json
cp out second.json
truth=ops/truth.json

# --- figures ---
measures='const keys = ["arrests", "premises", "devices", "charged", "registered_offenders", "positions_of_trust", "children_safeguarded",
    "children_immediate_risk"];
    const truth = at => f[1].figures.find(x => x.as_at === at);'
published() {           # NAME FILE DATE {measure: number}
    js "$1" "$measures for (const [k, v] of Object.entries($4)) assert.equal(f[0].national[k], v, k)" "$2" $truth
}
published "the figures of 16 July 2014 are those published" first.json 2014-07-16 \
    '{arrests: 660, premises: 833, devices: 9172, registered_offenders: 39, children_safeguarded: 431, children_immediate_risk: 127}'
published "the figures of 20 March 2015 are those published" second.json 2015-03-20 \
    '{arrests: 745, charged: 264, children_safeguarded: 518}'
for at in first:2014-07-16 second:2015-03-20; do
    file=${at%%:*}.json day=${at#*:}
    js "every national figure of $day equals the truth" \
        "$measures for (const k of keys) assert.equal(f[0].national[k], truth('$day').national[k], k)" "$file" $truth
    js "every force's figures of $day equal the truth" "$measures
        const got = Object.fromEntries(f[0].forces.map(x => [x.force, x]));
        for (const want of truth('$day').forces)
            for (const k of keys) assert.equal(got[want.force]?.[k] ?? 0, want[k], want.force + ' ' + k);
        for (const k of keys) assert.equal(f[0].forces.reduce((n, x) => n + x[k], 0), f[0].national[k], 'sum of ' + k)" \
        "$file" $truth
    js "every place's arrests of $day equal the truth" "
        const day = f[1].figures.find(x => x.as_at === '$day'), key = x => x.force + '/' + x.place;
        const got = Object.fromEntries(f[0].places.map(x => [key(x), x.arrests]));
        for (const want of day.places) assert.equal(got[key(want)] ?? 0, want.arrests, key(want));
        assert.equal(f[0].places.reduce((n, x) => n + x.arrests, 0), f[0].national.arrests)" "$file" $truth
done
js "nations add up to the whole" "$measures
    for (const k of keys) assert.equal(f[0].nations.reduce((n, x) => n + x[k], 0), f[0].national[k], k)" first.json $truth
js "opening and steps make closing, for every measure" "$measures
    for (const k of keys)
        assert.equal(f[0].opening[k] + f[0].steps.reduce((n, s) => n + (s[k] ?? 0), 0), f[0].closing[k], k);
    assert.equal(f[0].opening.arrests, 660);
    assert.equal(f[0].closing.arrests, 745);
    for (const k of keys) assert.equal(f[0].closing[k], truth('2015-03-20').national[k], k)" bridge.json $truth

# --- import: every row is accounted for ---
js "each file is told with its format and its balance" '
    for (const x of f[0]) {
        for (const k of ["received", "taken", "merged", "rejected", "pending"]) assert(Number.isInteger(x[k]), x.file + " " + k);
        assert.equal(x.received, x.taken + x.merged + x.rejected + x.pending, x.file);
        assert(x.format, x.file);
        assert.equal(x.rejections.length, x.rejected, x.file);
        for (const r of x.rejections) assert(r.line > 0 && r.reason, x.file);
    }' import.json
same "as many files are told as were given" "$(node -p 'JSON.parse(fs.readFileSync("import.json")).length')" \
    "$(find ops/in -type f | wc -l)"
js "the rejected lines are those written to be wrong" '
    const got = {}, want = f[1].rejected;
    for (const x of f[0]) if (x.rejected) got[x.file.split("/").pop()] = x.rejections.map(r => r.line).sort((a, b) => a - b);
    const named = k => k.split("/").pop();
    assert.deepEqual(got, Object.fromEntries(Object.entries(want).map(([k, v]) => [named(k), v.sort((a, b) => a - b)])))' \
    import.json $truth
js "the pending rows are those that name nobody yet" '
    const named = k => k.split("/").pop(), got = {};
    for (const x of f[0]) if (x.pending) got[named(x.file)] = x.pending;
    assert.deepEqual(got, Object.fromEntries(Object.entries(f[1].pending).map(([k, v]) => [named(k), v.length])))' \
    import.json $truth

# --- waiting: all of it has an owner ---
js "whatever waits has an owner, a time and words" '
    assert(f[0].length > 0);
    for (const w of f[0]) {
        assert(w.owner, "owner of " + w.subject);
        assert(w.where, "whose move: " + w.subject);
        assert(w.says && w.kind && w.subject, "words: " + JSON.stringify(w));
        assert(Date.parse(w.due) && Date.parse(w.since), "times of " + w.subject);
    }' waiting.json
js "late comes first" 'const late = f[0].map(w => w.late); assert(late.lastIndexOf(true) < (late.indexOf(false) + 1 || Infinity))' \
    waiting.json
same "each running clock has a person" "$(sql 'SELECT count(*) FROM clock WHERE stopped IS NULL AND owner = 0')" 0
same "each file with pending rows has a running clock" "$(sql "SELECT count(*) FROM received_file f WHERE pending > 0 AND NOT EXISTS
    (SELECT 1 FROM clock c WHERE c.stopped IS NULL AND c.kind = 'pending-row.place' AND (c.subject = f.id OR c.subject IN
        (SELECT id FROM pending_row p WHERE p.file = f.id)))")" 0
same "there are such files" "$(sql "SELECT count(*) > 0 FROM received_file WHERE pending > 0")" 1

# --- attribution: the right door, or none ---
sql "SELECT DISTINCT r.source_ref || '|' || coalesce(a.short_id, '') || '|' || coalesce(n.postcode, '')
    FROM referral r JOIN sighting s ON s.referral = r.id AND s.role IN ('reported', 'account_holder')
    JOIN nominal o ON o.id = s.nominal JOIN nominal n ON n.id = coalesce(o.merged_into, o.id)
    LEFT JOIN agency a ON a.id = n.force" > placed
js "people with answers are placed with their own force" '
    const placed = new Map();
    for (const line of fs.readFileSync("placed", "utf8").split("\n").filter(Boolean)) {
        const [ref, force, postcode] = line.split("|");
        if (!placed.has(ref)) placed.set(ref, []);
        placed.get(ref).push(force);
    }
    let right = 0, unsettled = 0, wrong = 0, straddlesWrong = 0, asked = 0;
    for (const p of f[0].people) {
        if (!p.postcode || !p.answers.length) continue;
        asked++;
        const forces = new Set(p.source_refs.flatMap(r => placed.get(r) ?? []));
        forces.delete("");
        if (!forces.size) unsettled++;
        else if (forces.size === 1 && forces.has(p.force)) right++;
        else { wrong++; straddlesWrong += p.straddles; note(`${p.person}: ${[...forces]}, not ${p.force}`); }
    }
    note(`of ${asked} people with answers: ${right} right, ${unsettled} unsettled, ${wrong} elsewhere`);
    assert(asked > 100);
    assert(right >= asked * 0.95, "right");
    assert(wrong <= asked * 0.002, "wrong");
    assert.equal(straddlesWrong, 0, "a sector that two forces share must stay unsettled")' $truth

# --- the same again changes nothing ---
before=$(ledger_size)
check "the same files can be given again" m import --json ops/in/*
cp out again.json
js "each is known already" 'for (const x of f[0]) assert.equal(x.already, true, x.file)' again.json
js "each balance is as it was" 'f[0].forEach((x, i) => {
    for (const k of ["received", "taken", "merged", "rejected", "pending"]) assert.equal(f[1][i][k], x[k], x.file + " " + k) })' \
    import.json again.json
same "the ledger did not grow" "$(ledger_size)" "$before"

check "a rebuild from the ledger is identical" m ledger rebuild
says "rebuild says so" identical
finish
