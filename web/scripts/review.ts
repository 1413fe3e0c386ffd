/* review.ts: keys for deciding pairs. y, n and h choose an answer and lead to the reason, where Enter records it;
 * j goes to the next pair, k to the one before. Never while typing, and never right after "g". */
const answers: Record<string, string> = { y: "same", n: "different", h: "cannot-say" };
const steps: Record<string, string> = { j: "next", k: "prev" };
const GOING_MS = 1500;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement
    && (target.isContentEditable || target.matches("textarea, select, input:not([type=radio])"));
}

function choose(answer: string): boolean {
  const form = document.querySelector<HTMLFormElement>(".m-decide");
  const radio = form?.querySelector<HTMLInputElement>(`input[name=answer][value=${answer}]`);
  if (!form || !radio) return false;
  radio.checked = true;
  form.querySelector<HTMLInputElement>("input[name=reason]")?.focus();
  return true;
}

function step(rel: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(`a[rel=${rel}]`);
  link?.click();
  return link !== null;
}

function tellKeys(): void {
  const form = document.querySelector<HTMLFormElement>(".m-decide");
  if (!form) return;
  const hint = document.createElement("p");
  hint.className = "m-why";
  hint.textContent = "Keys: y one person, n two people, h cannot say; then a reason and Enter. j next pair, k previous.";
  form.prepend(hint);
}

let wentAt = -GOING_MS;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "g") {
    wentAt = event.timeStamp;
    return;
  }
  if (event.timeStamp - wentAt < GOING_MS) return;
  const answer = answers[event.key], rel = steps[event.key];
  if ((answer && choose(answer)) || (rel && step(rel))) event.preventDefault();
});
tellKeys();
