// _tap.mjs: results as TAP, one line each, with what was wrong as a comment.
let count = 0, failed = 0;

export function note(text) {
    for (const line of String(text).split("\n")) console.log(`# ${line}`);
}

// `problems`: none means good.
export function check(name, problems) {
    count += 1;
    const good = problems.length === 0;
    if (!good) failed += 1;
    console.log(`${good ? "ok" : "not ok"} ${count} - ${name}`);
    for (const problem of problems) note(problem);
}

export function finish() {
    console.log(`1..${count}`);
    process.exitCode = failed ? 1 : 0;
}
