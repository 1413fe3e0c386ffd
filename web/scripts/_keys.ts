/* Keyboard shortcuts: "g" then a letter goes somewhere, "/" searches, "?" lists them. Never while typing. */
const places: Record<string, { path: string; name: string }> = {
  p: { path: "/picture", name: "Picture" },
  q: { path: "/queue", name: "Queue" },
  k: { path: "/packages", name: "Packages" },
  c: { path: "/children", name: "Children" },
  l: { path: "/links", name: "Links" },
  f: { path: "/figures", name: "Figures" },
  i: { path: "/intake", name: "Intake" },
};

function line(keys: string, does: string): HTMLElement {
  const item = document.createElement("li");
  const key = document.createElement("kbd");
  key.textContent = keys;
  item.append(key, ` ${does}`);
  return item;
}

function buildHelp(): HTMLDialogElement {
  const dialog = document.createElement("dialog");
  dialog.className = "m-keys";
  const title = document.createElement("h2");
  title.className = "govuk-heading-m";
  title.id = "m-keys-title";
  title.textContent = "Keyboard shortcuts";
  dialog.setAttribute("aria-labelledby", title.id);
  const list = document.createElement("ul");
  list.className = "govuk-list";
  list.append(...Object.entries(places).map(([key, place]) => line(`g ${key}`, place.name)));
  list.append(line("/", "Search"), line("?", "This list"));
  const close = document.createElement("button");
  close.className = "govuk-button govuk-button--secondary";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(title, list, close);
  document.body.append(dialog);
  return dialog;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function listenForKeys(): void {
  let help: HTMLDialogElement | null = null;
  let goingUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "?") {
      help ??= buildHelp();
      if (!help.open) help.showModal();
    } else if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>("input[type=search]");
      if (!search) return;
      search.focus();
      event.preventDefault();
    } else if (event.key === "g") {
      goingUntil = event.timeStamp + 1500;
    } else if (event.timeStamp < goingUntil && Object.keys(places).includes(event.key)) {
      const place = places[event.key];
      if (place && document.querySelector(`a[href="${place.path}"]`)) window.location.assign(place.path);
    }
  });
}
