import { defineReport, formatInstant, type ReportView } from "rollcall/sdk";
import { chunked } from "../shared/chunks.ts";
import { coverageSections } from "./coverage.ts";
import { findingSections } from "./findings.ts";
import { credentialSection, identitySection, strongestSection } from "./population.ts";

/**
 * A summary for people, to paste into a ticket or a pull request: what was seen and what was not, who is there, which
 * findings need attention and why, and what could not be judged. Long lists end with the command that shows the rest.
 */
export default defineReport({
  id: "markdown",
  title: "Markdown summary",
  mediaType: "text/markdown",
  extension: "md",
  audience: "human",
  render: (view) => chunked(document(view)),
});

function* document(view: ReportView): Generator<string, void, void> {
  const coverage = coverageSections(view);
  const findings = findingSections(view);
  yield "# Non-human identities\n\n";
  yield view.asOf === null ? "This inventory has never seen a scan.\n" : `As of ${formatInstant(view.asOf)}.\n`;
  yield coverage.summary;
  yield identitySection(view);
  yield credentialSection(view);
  yield strongestSection(view);
  yield* findings.attention();
  yield findings.undecided();
  yield coverage.notSeen;
}
