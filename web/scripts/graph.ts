/* graph.ts: the records of a nominal drawn from the page's own tables, which stay and say the same. */
import cytoscape from "cytoscape";

interface Join { from: string; to: string; kind: string }

function cells(id: string): string[][] {
  return Array.from(document.querySelectorAll<HTMLTableRowElement>(`#${id} tbody tr`),
    (row) => Array.from(row.cells, (cell) => cell.textContent?.trim() ?? ""));
}

/* The library would add a style element, which the content security policy refuses; it does not when one of this
 * name is there. muster.css has what it would say. */
function withoutItsStyle(): void {
  const stand = document.createElement("meta");
  stand.id = "__________cytoscape_stylesheet";
  document.head.append(stand);
}

function place(before: Element): HTMLElement {
  const box = document.createElement("div");
  box.className = "m-graph";
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", "The records as a graph; the tables say the same");
  before.before(box);
  return box;
}

function draw(): void {
  const table = document.getElementById("records")?.closest(".m-scroll");
  const records = cells("records");
  const joins: Join[] = cells("joins").map(([from = "", to = "", kind = ""]) => ({ from, to, kind }));
  if (!table || records.length < 2) return;
  withoutItsStyle();
  const known = new Set(records.map(([id]) => id));
  cytoscape({
    container: place(table),
    elements: [
      ...records.map(([id = "", name = ""]) => ({ data: { id, label: `${id}\n${name}` } })),
      ...joins.filter((j) => known.has(j.from) && known.has(j.to)).map((j, i) => ({
        data: { id: `join-${i}`, source: j.from, target: j.to, label: j.kind }, classes: j.kind === "Merged" ? "merged" : "weighed",
      })),
    ],
    layout: { name: records.length > 12 ? "cose" : "circle", animate: false },
    userZoomingEnabled: false,
    style: [
      { selector: "node", style: { "background-color": "#1d70b8", "label": "data(label)", "text-wrap": "wrap", "font-size": 14,
        "text-valign": "bottom", "text-margin-y": 6, "color": "#0b0c0c" } },
      { selector: "edge", style: { "width": 2, "line-color": "#505a5f", "curve-style": "bezier", "label": "data(label)",
        "font-size": 12, "text-background-color": "#fff", "text-background-opacity": 1 } },
      { selector: "edge.weighed", style: { "line-style": "dashed" } },
    ],
  });
}

draw();
