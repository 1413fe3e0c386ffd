// _browser.mjs: visits in Chromium, and what may be wrong with a page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.MUSTER_CHROMIUM ?? "/usr/bin/chromium";
const WAIT_MS = 15000;

export const widths = [
    { name: "desk", width: 1280, height: 900 },
    { name: "phone", width: 375, height: 740 },
];

async function axeProblems(page) {
    await page.evaluate(axeSource); /* not a script of the page, so its policy does not apply */
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    return violations.map((v) => `axe ${v.id}: ${v.help} (${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join("; ")})`);
}

// Wider than its window: the page, or what sticks out of it outside a region that scrolls on its own.
async function overflowProblems(page) {
    const wide = await page.evaluate(() => {
        const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return [];
        const scrolls = (el) => el && el !== document.body && (/(auto|scroll|hidden|clip)/.test(getComputedStyle(el).overflowX) || scrolls(el.parentElement));
        return [...document.querySelectorAll("body *")]
            .filter((el) => el.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(el.parentElement))
            .slice(0, 3).map((el) => `${el.tagName.toLowerCase()}.${el.className}`).concat(`${root.scrollWidth} px wide`);
    });
    return wide.length ? [`wider than its window: ${wide.join(", ")}`] : [];
}

async function headingProblems(page) {
    const count = await page.locator("h1").count();
    return count === 1 ? [] : [`${count} h1 headings`];
}

async function unfold(form) {
    const folded = form.locator("xpath=ancestor::details[not(@open)]/summary");
    if (await folded.count()) await folded.first().click();
}

class Visit {
    constructor(server, context, page) {
        this.server = server;
        this.context = context;
        this.page = page;
        this.errors = [];
        page.on("console", (message) => message.type() === "error" && this.errors.push(`console: ${message.text()}`));
        page.on("pageerror", (error) => this.errors.push(`script: ${error.message}`));
        page.on("requestfailed", (request) => {
            const why = request.failure()?.errorText;
            if (why !== "net::ERR_ABORTED") this.errors.push(`${request.url()}: ${why}`);
        });
    }

    async go(path) {
        this.errors.length = 0;
        const answer = await this.page.goto(this.server.address + path, { waitUntil: "load", timeout: WAIT_MS });
        return answer.status() === 200 ? [] : [`status ${answer.status()}`];
    }

    async look(path) {
        const problems = await this.go(path);
        problems.push(...await headingProblems(this.page), ...await overflowProblems(this.page),
            ...await axeProblems(this.page), ...this.errors);
        return { problems };
    }

    async read(path) {
        const problems = await this.go(path);
        problems.push(...await headingProblems(this.page), ...this.errors);
        if (!(await this.page.locator("main").innerText()).trim()) problems.push("there is nothing to read");
        return problems;
    }

    // Sends the first form whose address begins so, on the first page that has one, choosing the first answer and
    // filling texts.
    async submitFirst(paths, action) {
        const form = this.page.locator(`form[method=post][action^="${action}"]`).first();
        const problems = [];
        for (const path of paths) {
            problems.push(...await this.go(path));
            if (await form.count()) break;
        }
        if (!(await form.count())) return [...problems, `no form for ${action}`];
        await unfold(form);
        const radio = form.locator("input[type=radio]").first();
        if (await radio.count()) await radio.check();
        for (const box of await form.locator("textarea, input[type=text]").all()) await box.fill("Asked the school");
        for (const list of await form.locator("select").all()) await list.selectOption({ index: 1 });
        await form.locator("button").first().click();
        await this.page.waitForLoadState("load");
        if (!(await this.page.locator(".govuk-notification-banner--success").count()))
            problems.push(`no word of success: ${(await this.page.locator("main").innerText()).slice(0, 200)}`);
        return problems;
    }

    async decideByKeys(path, key, reason) {
        const problems = await this.go(path);
        await this.page.keyboard.press(key);
        await this.page.keyboard.type(reason);
        await this.page.keyboard.press("Enter");
        await this.page.waitForSelector(".govuk-notification-banner--success", { timeout: WAIT_MS })
            .catch(() => problems.push("no word of success"));
        return [...problems, ...this.errors];
    }

    async drawsGraph(path) {
        const { problems } = await this.look(path);
        const canvas = await this.page.locator(".m-graph canvas").count();
        return canvas ? problems : [...problems, "no graph"];
    }

    async upload(path, file) {
        const problems = await this.go(path);
        const form = this.page.locator("form[enctype]").first();
        await unfold(form);
        await form.locator("input[type=file]").setInputFiles(file);
        await form.locator("button").first().click();
        await this.page.waitForLoadState("load");
        const said = await this.page.locator("main").innerText();
        return said.includes("before") ? problems : [...problems, `it was not told as taken before: ${said.slice(0, 200)}`];
    }

    async signOut() {
        await this.go("/account");
        await this.page.locator('form[action="/sign-out"] button').first().click();
        await this.page.waitForURL("**/sign-in", { timeout: WAIT_MS });
        const said = await this.page.locator("main").innerText();
        return said.includes("You have signed out") ? [] : ["nothing says so"];
    }

    // Marks the live section, changes something, and waits for the section to be fetched anew.
    async refreshes(path, change) {
        const problems = await this.go(path);
        const section = this.page.locator("[data-live]").first();
        if (!(await section.count())) return [...problems, "no live section"];
        await this.page.waitForFunction(() => performance.getEntriesByType("resource").some((e) => e.name.includes("/live/"))
            || document.querySelector("[data-live]:not([data-state])"), null, { timeout: WAIT_MS });
        await this.page.waitForTimeout(500);
        await section.evaluate((el) => el.append(Object.assign(document.createElement("i"), { id: "old" })));
        await change();
        await this.page.waitForFunction(() => !document.getElementById("old"), null, { timeout: WAIT_MS })
            .catch(() => problems.push("it did not refresh"));
        return [...problems, ...this.errors];
    }

    async shoot(path) { await this.page.screenshot({ path, fullPage: true }); }
    async close() { await this.context.close(); }
}

async function fillSignIn(page, who) {
    await page.getByLabel("Login", { exact: true }).fill(who.login);
    await page.locator("#password").fill(who.password);
    await page.locator("main button[type=submit]").click();
}

export async function openBrowser() {
    const chrome = await chromium.launch({ executablePath, headless: true,
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    async function visit(server, size, { scripts = true } = {}) {
        const context = await chrome.newContext({ viewport: { width: size.width, height: size.height },
            javaScriptEnabled: scripts, reducedMotion: "reduce" });
        return new Visit(server, context, await context.newPage());
    }
    return {
        async signIn(server, who, size, options) {
            const v = await visit(server, size, options);
            await v.go("/sign-in?next=%2Faccount");
            await fillSignIn(v.page, who);
            await v.page.waitForURL("**/account", { timeout: WAIT_MS });
            return v;
        },
        async wrongPassword(server) {
            const v = await visit(server, widths[1]);
            await v.go("/sign-in");
            await fillSignIn(v.page, { login: "coordinator", password: "not this one" });
            await v.page.waitForSelector(".govuk-error-summary", { timeout: WAIT_MS });
            const problems = [...await axeProblems(v.page), ...await overflowProblems(v.page)];
            if (!(await v.page.title()).startsWith("Error: ")) problems.push("its title does not say so");
            if (await v.page.locator("#password").inputValue()) problems.push("the password is sent back");
            await v.close();
            return problems;
        },
        close: () => chrome.close(),
    };
}
