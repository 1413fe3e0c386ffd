/* muster.ts: what a page gains where scripts run. Every page works without it.
 *
 * Nothing here writes markup from data: live sections are swapped for the same section of a freshly fetched page,
 * which the server escaped. */
import { initAll as initGovuk } from "govuk-frontend";
import { initAll as initMoj } from "@ministryofjustice/frontend";
import { watchLiveSections } from "./_live";
import { offerCopies } from "./_copy";
import { listenForKeys } from "./_keys";

/* The design systems style some parts only once these are set; usually an inline script does it, which our
 * content security policy refuses. */
document.body.classList.add("js-enabled", "govuk-frontend-supported");
initGovuk();
initMoj();
watchLiveSections();
offerCopies(document);
listenForKeys();
