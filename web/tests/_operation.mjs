// _operation.mjs: a small simulated operation with its server, and callers of its API.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const source = process.env.MUSTER_SOURCE ?? join(import.meta.dirname, "../..");
const muster = process.env.MUSTER ?? join(source, "build/muster");
const password = "browser test of muster";

function makeDatabase(dir) {
    const run = (...words) => execFileSync(muster, ["--db", join(dir, "muster.db"), ...words],
        { cwd: dir, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env,
            MUSTER_ASN_DIR: join(source, "web/node_modules/@ip-location-db/asn") } });
    writeFileSync(join(dir, "password"), password);
    run("simulate", "--scenario", "lantern", "--seed", "7", "--scale", "0.05", "--out", "ops");
    run("init", "--admin", "coordinator", "--name", "Sam Okafor", "--password-file", "password");
    run("operation", "open", "--file", "ops/authority.json");
    /* Two rows of one man, told apart by a letter and a swapped date: a pair for a person to decide. */
    writeFileSync(join(dir, "ops/in/zz-two-rows.csv"), "list_ref,family_name,given_names,date_of_birth,town,postcode,purchased_at\n"
        + "Z1,Carmichael,Stephen,1971-08-09,Kendal,,2026-05-01\nZ2,Carmichael,Steven,1971-09-08,Kendal,LA9 4AB,2026-05-02\n");
    run("import", "--quiet", ...readdirSync(join(dir, "ops/in")).sort().map((name) => `ops/in/${name}`));
}

function serve(dir) {
    const child = spawn(muster, ["--db", join(dir, "muster.db"), "serve", "--port", "0", "--insecure-cookies"],
        { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
    const address = new Promise((resolve, reject) => {
        createInterface({ input: child.stdout }).on("line", (line) => {
            const found = line.match(/http:\/\/[0-9.]+:\d+/);
            if (found) resolve(found[0]);
        });
        ended.then((code) => reject(new Error(`the server ended: ${code}`)));
    });
    return { child, ended, address };
}

export async function startOperation() {
    const dir = mkdtempSync(join(tmpdir(), "muster-browser-"));
    makeDatabase(dir);
    const server = serve(dir);
    return {
        address: await server.address,
        file: join(dir, "ops/in", readdirSync(join(dir, "ops/in")).sort()[0]),
        people: { coordinator: { login: "coordinator", password } },
        async addPerson(caller, login, agency, role) {
            const { done } = await caller.post("/people", { login, name: `A ${login}`, agency, role });
            return changeFirstPassword(this, { login, password: done.split(": ").pop() });
        },
        async stop() {
            server.child.kill("SIGTERM");
            const code = await server.ended;
            rmSync(dir, { recursive: true, force: true });
            return code === 0 ? [] : [`it ended with ${code}`];
        },
    };
}

async function changeFirstPassword(server, who) {
    const caller = await callAs(server, who);
    const fresh = `${password} twice`;
    await caller.post("/password", { current: who.password, password: fresh, again: fresh });
    return { ...who, password: fresh };
}

// Debian 12's Node joins the lines, as its fetch knows no getSetCookie; a comma in a date names no cookie.
function cookiesSet(headers) {
    if (typeof headers.getSetCookie === "function") return headers.getSetCookie();
    return (headers.get("set-cookie") ?? "").split(/,\s*(?=[^;,\s]+=)/).filter(Boolean);
}

// Someone signed in over the API.
export async function callAs(server, who) {
    const jar = new Map();
    let csrf = "";
    async function call(path, options = {}) {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
        const answer = await fetch(server.address + path, { redirect: "manual", ...options,
            headers: { accept: "application/json", "x-csrf": csrf, cookie, ...options.headers } });
        for (const line of cookiesSet(answer.headers)) {
            const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
            if (value) jar.set(name, value); else jar.delete(name);
        }
        return answer;
    }
    async function json(answer) {
        const body = await answer.json();
        if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${body.told ?? ""}`);
        return body;
    }
    const post = async (path, form) => json(await call(path, { method: "POST", body: new URLSearchParams(form) }));
    const get = async (path) => json(await call(path));
    csrf = (await get("/sign-in")).csrf;
    csrf = (await post("/sign-in", { login: who.login, password: who.password })).csrf;
    return {
        login: who.login, get, post,
        async raw(path) {
            const answer = await call(path, { headers: { accept: "text/html" } });
            await answer.arrayBuffer();
            return { status: answer.status, type: answer.headers.get("content-type") ?? "" };
        },
    };
}

// Not every report names files: the first linked one that does.
async function firstMatch(caller, links) {
    for (const link of links) {
        const { files } = await caller.get(`/referrals/${link.referral}`);
        if (files.length) return `/matches/${files[0].match}`;
    }
    return undefined;
}

// The page of someone whom a register or an operator's answer may name.
async function namedElsewhere(caller, nominals) {
    for (const { nominal } of nominals.slice(0, 30)) {
        const { registers, answers } = await caller.get(`/nominals/${nominal}/elsewhere`);
        if (registers.length && answers.length)
            return `/nominals/${nominal}/elsewhere`;
    }
    return undefined;
}

// One record of each kind, so that every address can be visited; the first of the queue gets its package sent.
export async function findRecords(server, caller) {
    const { nominals } = await caller.get("/queue");
    const nominal = nominals.find((n) => n.force && n.name && n.suggested) ?? nominals[0];
    const at = `/nominals/${nominal.nominal}`;
    await caller.post(`${at}/band`, { band: nominal.suggested, reason: "Agreed after reading the reasons" });
    await caller.post(`${at}/package`, {});
    const { packages } = await caller.get("/packages");
    const ref = packages[0].package;
    await caller.post(`/packages/${ref}/send`, {});
    await caller.post(`/packages/${ref}/action`,
        { kind: "exhibit", ref: "XT1", on: new Date(Date.now() - 86400000).toISOString().slice(0, 10), state: "waiting", quantity: "1" });
    const { exhibits } = await caller.get(`/packages/${ref}`);
    const [{ children }, { files }, { links }] =
        await Promise.all(["/children", "/intake", "/links"].map((path) => caller.get(path)));
    const { pairs } = await caller.get("/links/review");
    const answered = (await Promise.all(nominals.map((n) => caller.get(`/nominals/${n.nominal}`))))
        .flatMap((n) => n.answers);
    return {
        force: nominal.force,
        pairs: pairs.map((p) => ({ one: p.one, path: `/links/review/${p.pair}` })),
        "/links/review/{ref}": pairs[0] && `/links/review/${pairs[0].pair}`,
        "/links/explain/{one}/{two}": pairs[0] && `/links/explain/${pairs[0].one}/${pairs[0].two}`,
        "/attributions/{id}": `/attributions/${answered[0].attribution}`,
        "/nominals/{ref}/records": `${at}/records`,
        "/nominals/{ref}/elsewhere": (await namedElsewhere(caller, nominals)) ?? `${at}/elsewhere`,
        nominals: nominals.slice(0, 20).map((n) => `/nominals/${n.nominal}`),
        "/nominals/{ref}": at,
        "/nominals/{ref}/history": `${at}/history`,
        "/packages/{ref}": `/packages/${ref}`,
        "/packages/{ref}/export": `/packages/${ref}/export`,
        "/exhibits/{ref}": `/exhibits/${exhibits[0].exhibit}`,
        "/children/{ref}": `/children/${children[0].child}`,
        "/intake/{ref}": `/intake/${files.find((f) => f.rejected)?.file ?? files[0].file}`,
        "/matches/{ref}": await firstMatch(caller, links),
        "/referrals/{ref}": `/referrals/${links[0].referral}`,
        "/ledger/{seq}": "/ledger/60",
        "/ledger/{seq}/proof": "/ledger/60/proof",
        "/figures/{measure}": "/figures/arrests",
        "/forces/{id}": `/forces/${nominal.force}`,
    };
}
