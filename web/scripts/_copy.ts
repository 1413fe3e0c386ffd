/* A "Copy" button beside each reference, where the clipboard may be used. */
function offer(element: HTMLElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "m-copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy ${element.dataset.copy ?? ""}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(element.dataset.copy ?? "");
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not copied";
    }
    window.setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  element.append(button);
}

export function offerCopies(root: ParentNode): void {
  if (navigator.clipboard === undefined) return;
  root.querySelectorAll<HTMLElement>("[data-copy]").forEach((element) => {
    if (!element.querySelector(".m-copy")) offer(element);
  });
}
