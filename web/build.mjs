// build.mjs: makes web/dist/, which is embedded in the binary and served under /assets/.
//
//   muster.css    GOV.UK and MoJ styles, then styles/*.css in order of name
//   NAME.js       scripts/NAME.ts for each script that is not named _NAME.ts (those are only imported)
//   images/       what the styles refer to
//
// The GOV.UK typeface and crest are licensed for gov.uk only, so neither is carried: pages use Arial. Nothing
// is fetched from elsewhere and no script needs eval, so the strictest content security policy holds.
import { build, transform } from "esbuild";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, "dist");
const vendor = {
    govuk: join(web, "node_modules/govuk-frontend/dist/govuk"),
    moj: join(web, "node_modules/@ministryofjustice/frontend/moj"),
};
// Shown by MoJ components from markup rather than from a style.
const markupImages = ["icon-alert-information.svg", "icon-alert-success.svg", "icon-alert-warning.svg",
    "icon-arrow-black-down.svg", "icon-arrow-black-up.svg", "icon-search-black.svg", "icon-search-blue.svg",
    "icon-search-white.svg"];
const licensedOnlyForGovuk = ["govuk-crest.svg"];

async function names(dir, ending) {
    const found = await readdir(join(web, dir)).catch(() => []);
    return found.filter((name) => name.endsWith(ending) && !name.startsWith("_") && !name.endsWith(".d.ts")).sort();
}

function own(css) {
    return css
        .replace(/@font-face\s*\{[^}]*\}/g, "")
        .replace(/"?GDS Transport"?,\s*arial,\s*sans-serif/g, "Arial,Helvetica,sans-serif")
        .replace(/"?GDS Transport"?/g, "Arial")
        .replace(/\/\*# sourceMappingURL=.*?\*\//g, "")
        .replace(/url\(["']?\/assets\/images\/([^)"']+)["']?\)/g, (whole, name) =>
            licensedOnlyForGovuk.includes(name) ? "none" : `url(/assets/images/${name})`);
}

async function styles() {
    const files = [join(vendor.govuk, "govuk-frontend.min.css"), join(vendor.moj, "moj-frontend.min.css"),
        ...(await names("styles", ".css")).map((name) => join(web, "styles", name))];
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    const { code } = await transform(texts.map(own).join("\n"), { loader: "css", minify: true, target: "es2020" });
    const outside = code.match(/@import|url\((?!\/assets\/|"?data:)[^)]*\)|@font-face|GDS Transport/);
    if (outside) throw new Error(`muster.css would fetch from elsewhere: ${outside[0]}`);
    await writeFile(join(dist, "muster.css"), code);
    return code;
}

async function images(css) {
    const wanted = new Set(markupImages);
    for (const [, name] of css.matchAll(/url\(\/assets\/images\/([^)]+)\)/g)) wanted.add(name);
    await mkdir(join(dist, "images"), { recursive: true });
    for (const name of [...wanted].sort())
        await copyFile(join(vendor.moj, "assets/images", name), join(dist, "images", name));
    for (const name of await readdir(join(web, "images")).catch(() => []))
        await copyFile(join(web, "images", name), join(dist, "images", name));
}

async function scripts() {
    const entries = (await names("scripts", ".ts")).map((name) => join(web, "scripts", name));
    const result = await build({
        entryPoints: entries, outdir: dist, bundle: true, minify: true, format: "iife", target: "es2020",
        legalComments: "none", logLevel: "warning", write: false, charset: "utf8",
    });
    for (const file of result.outputFiles) {
        if (/\beval\(|new Function\(/.test(file.text))
            throw new Error(`${basename(file.path)} would need eval, which the content security policy refuses`);
        await writeFile(file.path, file.contents);
    }
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await images(await styles());
await scripts();
