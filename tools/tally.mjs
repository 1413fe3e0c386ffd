// tally.mjs: counts the results of a test run, shows what failed, and ends with one line.
//
//   node tools/tally.mjs FOLDER      holds NAME.json (Meson's log) or NAME.tap and NAME.status (what a
//                                    command printed, and how it ended)
//
// Each TAP line is one test. A program that prints none is one test, judged by its exit status (77: skipped).
// One that stops before it has done what it planned, or exits badly without admitting a failure, is one
// failure more.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const SHOWN_LINES = 120;
const total = { passed: 0, failed: 0, skipped: 0 };

function count(output) {
    const seen = { passed: 0, failed: 0, skipped: 0, planned: 0 };
    for (const line of output.split("\n")) {
        const plan = line.match(/^1\.\.(\d+)\b/);
        const result = line.match(/^(not )?ok\b(.*)/);
        if (plan) seen.planned += Number(plan[1]);
        if (!result) continue;
        if (/#\s*skip/i.test(result[2])) seen.skipped++;
        else if (result[1]) seen.failed++;
        else seen.passed++;
    }
    return seen;
}

function judge(name, output, status, seconds) {
    const seen = count(output);
    const lines = seen.passed + seen.failed + seen.skipped;
    const ended = status === 0 || status === 77;
    if (lines === 0 && status === 77) seen.skipped = 1;
    else if (lines === 0 && ended) seen.passed = 1;
    else if (!ended && seen.failed === 0) seen.failed = 1;
    else if (lines < seen.planned && seen.failed === 0) seen.failed = 1;
    for (const kind of Object.keys(total)) total[kind] += seen[kind];
    if (seen.failed > 0) show(name, output, status, seconds);
}

function show(name, output, status, seconds) {
    const lines = output.trimEnd().split("\n");
    const dropped = Math.max(0, lines.length - SHOWN_LINES);
    const took = seconds ? `, ${seconds.toFixed(1)} s` : "";
    console.log(`\n---- FAILED: ${name} (exit status ${status}${took})`);
    if (dropped) console.log(`     (${dropped} earlier lines left out)`);
    console.log(lines.slice(dropped).join("\n"));
}

const folder = process.argv[2];
for (const file of readdirSync(folder).sort()) {
    const name = file.replace(/\.[a-z]+$/, "");
    const text = readFileSync(join(folder, file), "utf8");
    if (file.endsWith(".tap")) {
        const status = join(folder, `${name}.status`);
        judge(name, text, existsSync(status) ? Number(readFileSync(status, "utf8")) : 1);
    } else if (file.endsWith(".json")) {
        for (const line of text.split("\n").filter(Boolean)) {
            const test = JSON.parse(line);
            const late = test.result === "TIMEOUT" ? "\n(stopped: took too long)" : "";
            judge(`${name}: ${test.name}`, `${test.stdout ?? ""}${test.stderr ?? ""}${late}`,
                late ? 124 : test.returncode, test.duration);
        }
    }
}

const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
