/* Live sections: <section id="x" data-live="/events/x"> is fetched again, as part of its own page, when its stream
 * says that something changed. */
import { offerCopies } from "./_copy";

const SETTLE_MS = 400; /* a burst of changes is one refresh */

function replacement(page: string, id: string): HTMLElement | null {
  return new DOMParser().parseFromString(page, "text/html").getElementById(id);
}

/* Someone reading or typing inside must not lose their place: the same control keeps the focus. */
function swap(section: HTMLElement, fresh: HTMLElement): void {
  const active = document.activeElement;
  const inside = active instanceof HTMLElement && section.contains(active) ? active : null;
  if (inside?.matches("input, select, textarea")) return;
  const focusHref = inside?.getAttribute("href");
  section.replaceChildren(...Array.from(fresh.childNodes, (node) => document.importNode(node, true)));
  offerCopies(section);
  if (focusHref) section.querySelector<HTMLElement>(`a[href="${CSS.escape(focusHref)}"]`)?.focus();
}

async function refresh(section: HTMLElement): Promise<void> {
  /* X-Refresh: nobody touched a key, so the session's half hour goes on running. */
  const headers = { Accept: "text/html", "X-Refresh": "live" };
  const answer = await fetch(window.location.href, { headers, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return; /* signed out: the next click says so */
  const fresh = replacement(await answer.text(), section.id);
  if (fresh) swap(section, fresh);
}

function watch(section: HTMLElement): void {
  const path = section.dataset.live;
  if (!path?.startsWith("/") || !section.id) return;
  const stream = new EventSource(path);
  let timer = 0;
  stream.onopen = () => delete section.dataset.state;
  stream.onerror = () => { section.dataset.state = "waiting"; };
  stream.onmessage = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => { refresh(section).catch(() => { section.dataset.state = "waiting"; }); }, SETTLE_MS);
  };
  window.addEventListener("pagehide", () => stream.close());
}

export function watchLiveSections(): void {
  document.querySelectorAll<HTMLElement>("[data-live]").forEach(watch);
}
