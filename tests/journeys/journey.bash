# journey.bash: what the journeys in shell share: a scratch folder, the binary, and TAP.
#
#   . "$(dirname "$0")/journey.bash"
#   check "the ledger is good" m ledger verify
#   finish
#
# MUSTER names the binary, MUSTER_SOURCE the repository. Nothing outside the scratch folder is written, and
# the scratch folder is removed at the end, also after a failure.
set -uo pipefail
export LC_ALL=C TZ=UTC
unset MUSTER_DB MUSTER_AS MUSTER_ASN_DIR
MUSTER_SOURCE=$(cd "${MUSTER_SOURCE:-$(dirname "${BASH_SOURCE[0]}")/../..}" && pwd)
MUSTER=$(realpath "${MUSTER:-$MUSTER_SOURCE/build/muster}")
fixtures=$MUSTER_SOURCE/tests/fixtures

scratch=$(mktemp -d "${TMPDIR:-/tmp}/muster-journey.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
[ -x "$MUSTER" ] || { echo "Bail out! There is no binary at $MUSTER: make build"; exit 1; }
db=$scratch/muster.db
tests=0 failures=0

# m WORD...: the binary on this journey's database. Out and err are kept in files of those names.
m() { "$MUSTER" --db "$db" --quiet "$@" > "$scratch/out" 2> "$scratch/err"; }

tell_why() {            # what the last command said, as TAP comments
    [ -f "$scratch/why" ] && sed 's/^/#   /' "$scratch/why" | head -20
    head -5 "$scratch/out" "$scratch/err" 2>/dev/null | sed 's/^/#   /'
}

pass() { tests=$((tests + 1)); echo "ok $tests - $1"; }
fail() { tests=$((tests + 1)); failures=$((failures + 1)); echo "not ok $tests - $1"; tell_why; }

# check NAME COMMAND...: the command succeeds.
check() {
    local name=$1 code; shift
    rm -f "$scratch/why"
    "$@"; code=$?
    if [ $code -eq 0 ]; then pass "$name"; else fail "$name (exit code $code)"; fi
}

# exits NAME CODE COMMAND...: the command ends with that exit code.
exits() {
    local name=$1 want=$2 code; shift 2
    rm -f "$scratch/why"
    "$@"; code=$?
    if [ $code -eq "$want" ]; then pass "$name"; else fail "$name (exit code $code, not $want)"; fi
}

# same NAME GOT WANT
same() {
    rm -f "$scratch/why"
    if [ -n "$2" ] && [ "$2" = "$3" ]; then pass "$1"; else printf 'got  %s\nwant %s\n' "$2" "$3" > "$scratch/why"; fail "$1"; fi
}

# says NAME TEXT: the last command said so, on either stream.
says() {
    rm -f "$scratch/why"
    if grep -qF -- "$2" "$scratch/out" "$scratch/err"; then pass "$1"; else fail "$1"; fi
}

# js NAME CODE FILE...: the code, given the parsed files as f[0], f[1] ..., throws or returns false if not
# so. It may say more with note(...), which is shown whatever the outcome.
js() {
    local name=$1 code=$2; shift 2
    check "$name" js_run "$code" "$@"
}
js_run() {
    local code=$1; shift
    node -e '
        const assert = require("assert"), fs = require("fs");
        const f = process.argv.slice(2).map(path => JSON.parse(fs.readFileSync(path, "utf8")));
        const note = text => console.log("# " + text);
        try {
            if (new Function("f", "assert", "note", "fs", process.argv[1])(f, assert, note, fs) === false) throw new Error("false");
        } catch (e) {
            console.error(e.message);
            process.exit(1);
        }' "$code" "$@" 2> "$scratch/why"
}

sql() { sqlite3 -batch -noheader "${2:-$db}" "$1"; }

ledger_size() { m --json ledger verify && node -p 'JSON.parse(fs.readFileSync(0)).entries' < "$scratch/out"; }

# simulated FOLDER SEED SCALE, operation_opened FOLDER: how every journey begins.
simulated() { "$MUSTER" simulate --scenario notarise --seed "$2" --scale "$3" --out "$1" > "$scratch/out" 2> "$scratch/err"; }
operation_opened() { m init --admin coordinator && m operation open --file "$1/authority.json"; }

skip_all() { echo "1..0 # skip $1"; exit 77; }
need() { command -v "$1" > /dev/null || skip_all "$1 is not installed"; }
finish() { echo "1..$tests"; [ $failures -eq 0 ] && exit 0; exit 1; }
