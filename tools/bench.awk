# bench.awk: lays the lines of the benchmarks (tests/bench/bench.h) out as one table; as JSON too when `json` names a
# file. Ends with 1 when a target is not met.

function number(text) { return text == "-" ? "" : (text + 0 >= 1000 ? sprintf("%.0f", text) : text) }

function verdict(target, value, ratio,    of) {
    if (target == "-")
        return ""
    of = target ~ /^ratio/ ? ratio + 0 : value + 0
    match(target, /[<>]=/)
    if (substr(target, RSTART, 1) == "<")
        return of <= substr(target, RSTART + 2) + 0 ? "met" : "NOT MET"
    return of >= substr(target, RSTART + 2) + 0 ? "met" : "NOT MET"
}

# "ratio>=4" as people read it.
function wanted(target) {
    if (target == "-")
        return ""
    sub(/^ratio>=/, "at least ", target) && sub(/$/, "x", target)
    sub(/^value<=/, "at most ", target)
    return target
}

function quote(text) { gsub(/["\\]/, "\\\\&", text); return "\"" text "\"" }

BEGIN {
    if (json != "")
        printf "[" > json
    row("task", "value", "unit", "reference", "value", "ratio", "target", "")
}

function row(task, value, unit, reference, beside, ratio, target, result) {
    printf "%-44s %10s %-11s  %-30s %10s %8s  %-14s %s\n", task, value, unit, reference, beside, ratio, target, result
}

{
    result = verdict($8, $3, $7)
    row($2, number($3), $4, $5 == "-" ? "" : $5, number($6), number($7) == "" ? "" : number($7) "x",
        wanted($8), result)
    met += result == "met"
    missed += result == "NOT MET"
    if (json != "") {
        printf("%s\n  {\"task\": %s, \"value\": %s, \"unit\": %s", (NR > 1 ? "," : ""), quote($2), $3, quote($4)) > json
        if ($5 != "-")
            printf ", \"reference\": %s, \"reference_value\": %s, \"ratio\": %s", quote($5), $6, $7 > json
        if (result != "")
            printf(", \"target\": %s, \"met\": %s", quote($8), (result == "met" ? "true" : "false")) > json
        printf "}" > json
    }
}

END {
    if (json != "")
        print "\n]" > json
    printf "\n%d measures in %d s: %d targets met, %d not met\n", NR, took, met, missed
    exit missed > 0
}
