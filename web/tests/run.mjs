// run.mjs: the pages in a real browser. Prints TAP.
//
// Serves a small simulated operation, signs in and visits every address that the service describes at
// /openapi.json, on a desk and on a phone, with scripts and without. Each page must be free of axe-core's
// violations, fit its window, log no error (a breach of the content security policy is one) and have one h1.
//
//   MUSTER        the binary (build/muster)          MUSTER_SHOTS  a folder for screenshots; none without it
//   MUSTER_SOURCE the repository                     MUSTER_CHROMIUM (/usr/bin/chromium)
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openBrowser, widths } from "./_browser.mjs";
import { callAs, findRecords, startOperation } from "./_operation.mjs";
import { check, finish, note } from "./_tap.mjs";

const shots = process.env.MUSTER_SHOTS;
const notPages = /^\/(assets|live)\/|^\/sign-in$/; /* signing in is visited by everyone who does it */

// "/nominals/{ref}" -> "/nominals/N-9ZR"; an address whose parameter nobody knows is a failure, so that a new
// page cannot be forgotten.
function addresses(paths, records) {
    return Object.keys(paths).filter((path) => paths[path].get && !notPages.test(path)).map((template) => {
        const value = records[template] ?? (template.includes("{") ? undefined : template);
        return { template, path: value };
    });
}

async function visitAll(browser, server, who, list) {
    for (const width of widths) {
        const visit = await browser.signIn(server, who, width);
        for (const { template, path } of list) {
            const found = await visit.look(path);
            check(`${who.login} ${template} at ${width.name}`, found.problems);
            if (shots) await visit.shoot(join(shots, `${who.login}-${width.name}${template.replace(/\W+/g, "-")}.png`));
        }
        await visit.close();
    }
}

// What a person does on paper-thin connections: no script at all, forms only.
async function withoutScripts(browser, server, who, list, records) {
    const visit = await browser.signIn(server, who, widths[0], { scripts: false });
    for (const { template, path } of list) check(`${who.login} ${template} without scripts`, await visit.read(path));
    check("a check can be answered without scripts", await visit.submitFirst(records.nominals, "/checks/"));
    check("the same file twice is told, without scripts", await visit.upload("/intake", server.file));
    check("signing out without scripts leads to signing in", await visit.signOut());
    await visit.close();
}

async function liveSections(browser, server, who) {
    const visit = await browser.signIn(server, who, widths[0]);
    check("the picture refreshes itself when something changes", await visit.refreshes("/", async () => {
        const other = await callAs(server, who);
        await other.post("/sign-out", {});
    }));
    await visit.close();
}

// Pairs are decided by keys alone, and by forms alone; what became one is then drawn.
async function decidePairs(browser, server, who, records) {
    const [first, second] = records.pairs;
    const visit = await browser.signIn(server, who, widths[0]);
    check("a pair can be decided by keys", await visit.decideByKeys(first.path, "y", "Same man, seen twice"));
    check("the records of a nominal are drawn", await visit.drawsGraph(`/nominals/${first.one}/records`));
    check("and fit a phone's window", await (await browser.signIn(server, who, widths[1])).drawsGraph(`/nominals/${first.one}/records`));
    await visit.close();
    const plain = await browser.signIn(server, who, widths[0], { scripts: false });
    check("a pair can be decided without scripts", second ? await plain.submitFirst([second.path], "/links/review/") : []);
    check("and the decision undone", await plain.submitFirst([first.path], "/links/decisions/"));
    await plain.close();
}

// Two people drop someone whom a force is at work on; the force is told, and told again when it is taken back.
async function eliminate(browser, server, coordinator, officer, records) {
    const nominal = records["/nominals/{ref}"], held = records["/packages/{ref}"];
    const second = await server.addPerson(coordinator, "second", "coordinator", "coordinator");
    const force = await callAs(server, officer);
    const told = async () => (await force.get(held)).person_eliminated === true;
    await coordinator.post(`${nominal}/eliminate`, { reason: "The account was taken over" });
    const visit = await browser.signIn(server, second, widths[1]);
    check("what is at stake fits a phone's window", (await visit.look(nominal)).problems);
    await visit.close();
    await (await callAs(server, second)).post(`${nominal}/eliminate-second`, { agree: "yes" });
    check("a force is told that its person is eliminated", await told() ? [] : ["it is not"]);
    for (const width of widths) {
        const seen = await browser.signIn(server, officer, width);
        check(`and what to do then, at ${width.name}`, (await seen.look(held)).problems);
        await seen.close();
    }
    await coordinator.post(`${nominal}/reinstate`, { reason: "It was not" });
    check("and that it is taken back", await told() ? ["it is not"] : []);
}

async function pagesOf(caller, list) {
    const pages = [];
    for (const entry of list) {
        if (!entry.path) {
            check(`${entry.template} has an example`, ["no record of this kind was found"]);
            continue;
        }
        const answer = await caller.raw(entry.path);
        check(`${caller.login} ${entry.template} answers`, answer.status === 200 ? [] : [`status ${answer.status}`]);
        if (answer.status === 200 && answer.type.startsWith("text/html")) pages.push(entry);
    }
    return pages;
}

async function main() {
    if (shots) await mkdir(shots, { recursive: true });
    const server = await startOperation();
    const browser = await openBrowser();
    try {
        const coordinator = await callAs(server, server.people.coordinator);
        const records = await findRecords(server, coordinator);
        const { paths } = await coordinator.get("/openapi.json");
        const list = addresses(paths, records);
        check("a wrong password is told on the page", await browser.wrongPassword(server));
        const pages = await pagesOf(coordinator, list);
        await visitAll(browser, server, server.people.coordinator, pages);
        const officer = await server.addPerson(coordinator, "officer", records.force, "force-officer");
        const seen = [];
        const officerCaller = await callAs(server, officer);
        for (const entry of pages) {
            const answer = await officerCaller.raw(entry.path);
            if (answer.status === 200) seen.push(entry);
            else check(`officer ${entry.template} is not there`, answer.status === 404 ? [] : [`status ${answer.status}`]);
        }
        await visitAll(browser, server, officer, seen);
        await withoutScripts(browser, server, server.people.coordinator, pages, records);
        await decidePairs(browser, server, server.people.coordinator, records);
        await liveSections(browser, server, server.people.coordinator);
        await eliminate(browser, server, coordinator, officer, records);
    } finally {
        await browser.close();
        check("the server stops cleanly", await server.stop());
    }
}

await main().catch((error) => {
    note(error.stack ?? String(error));
    check("the browser tests ran to their end", [String(error.message ?? error)]);
});
finish();
