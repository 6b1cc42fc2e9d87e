import { buildApplication, buildRouteMap, text_en } from "@stricli/core";
import type { Application } from "@stricli/core";
import { EXIT } from "../sdk/errors.ts";
import { terminal } from "../sdk/text.ts";
import type { Context } from "./context.ts";
import { exitCodeOf, failureText } from "./failure.ts";
import { findings } from "./routes/findings.ts";
import { completion, complete, db } from "./routes/keeping.ts";
import { changes, coverage, credentials, identities } from "./routes/lists.ts";
import { exported, query, show, why } from "./routes/looking.ts";
import { rules } from "./routes/rules.ts";
import { doctor, init, permissions, plan, scan } from "./routes/scanning.ts";

/** By name, each built when it is wanted. */
const ROUTES: Readonly<Record<string, () => Route>> = {
  init,
  doctor,
  plan,
  permissions,
  scan,
  identities,
  credentials,
  findings,
  coverage,
  changes,
  show,
  why,
  query,
  rules,
  export: exported,
  db,
  completion,
  complete,
};

type Route = ReturnType<typeof scan> | ReturnType<typeof db>;

/** All routes; of a command line that begins with one of them, that one alone, since no other will be asked. */
function routesFor(first: string | undefined): Record<string, Route> {
  const names = first !== undefined && Object.hasOwn(ROUTES, first) ? [first] : Object.keys(ROUTES);
  return Object.fromEntries(names.flatMap((name) => (ROUTES[name] === undefined ? [] : [[name, ROUTES[name]()]])));
}

const DOCS = {
  brief: "Calls the roll of an organization's non-human identities, and proves what it saw.",
  fullDescription: `Calls the roll of an organization's non-human identities, and proves what it saw.

Begin with: rollcall init, rollcall doctor, rollcall plan, rollcall scan.
Then: rollcall coverage, rollcall findings, rollcall show NAME, rollcall why NAME.

It only reads, keeps no secrets, and sends no telemetry: it speaks to the providers that
rollcall.yaml names and to nobody else. Data goes to stdout, everything else to stderr.
Exit codes: ${EXIT.ok} all seen, ${EXIT.gate} gate tripped, ${EXIT.partial} partial, ${EXIT.partialAndGate} both, ${EXIT.usage} used wrongly, ${EXIT.nothingRead} nothing read, ${EXIT.store} inventory, ${EXIT.busy} busy.`,
  hideRoute: { complete: true },
};

/** The command line: routes and flags only. Each command's code loads when it runs. */
export function application(version: () => string, first?: string): Application<Context> {
  const oneLine = (text: string): string => text.split("\n").map(terminal).join("\n");
  const root = buildRouteMap<string, Context>({ routes: routesFor(first), docs: DOCS });
  return buildApplication(root, {
    name: "rollcall",
    versionInfo: { getCurrentVersion: async () => version() },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { onlyRequiredInUsageLine: true, disableAnsiColor: true, caseStyle: "convert-camel-to-kebab" },
    determineExitCode: exitCodeOf,
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: (args) =>
          `rollcall: ${oneLine(text_en.noCommandRegisteredForInput(args))}\nnext: rollcall --help`,
        exceptionWhileParsingArguments(exception, color) {
          return `rollcall: ${oneLine(text_en.exceptionWhileParsingArguments.call(text_en, exception, color))}\nnext: add --help to see what there is`;
        },
        exceptionWhileRunningCommand: (exception) => failureText(exception, version),
        exceptionWhileLoadingCommandFunction: (exception) => failureText(exception, version),
      },
    },
  });
}
