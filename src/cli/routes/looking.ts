import { buildCommand } from "@stricli/core";
import { REPORT_TABLES } from "../../sdk/report.ts";
import type { ExportFlags } from "../commands/export.ts";
import type { QueryFlags } from "../commands/query.ts";
import type { ShowFlags } from "../commands/show.ts";
import type { WhyFlags } from "../commands/why.ts";
import type { Context } from "../context.ts";
import { AS_OF, GLOBAL, optionalText, positive, switched } from "../flags.ts";
import { optionalWord, word } from "./words.ts";

const NAME = {
  kind: "tuple",
  parameters: [word("NAME", "URN, ARN, key id, e-mail or name; its beginning will do")],
} as const;

export const show = () =>
  buildCommand<ShowFlags, [string], Context>({
    loader: async () => (await import("../commands/show.ts")).show,
    parameters: { flags: { ...GLOBAL, ...AS_OF }, positional: NAME },
    docs: { brief: "Show everything that is known of one thing, with source and time" },
  });

export const why = () =>
  buildCommand<WhyFlags, [string], Context>({
    loader: async () => (await import("../commands/why.ts")).why,
    parameters: { flags: { ...GLOBAL, ...AS_OF }, positional: NAME },
    docs: { brief: "Tell deleted, missing, not seen, scope lost, renamed and never known apart" },
  });

export const query = () =>
  buildCommand<QueryFlags, [string], Context>({
    loader: async () => (await import("../commands/query.ts")).query,
    parameters: {
      flags: {
        ...GLOBAL,
        ...AS_OF,
        csv: switched("CSV"),
        limit: { kind: "parsed", parse: positive, optional: true, placeholder: "N", brief: "At most so many rows" },
        timeout: {
          kind: "parsed",
          parse: positive,
          default: "30",
          placeholder: "SECONDS",
          brief: "Stop a query that takes longer",
        },
      },
      positional: { kind: "tuple", parameters: [word("SQL", "One SELECT over the views of docs/views.md")] },
    },
    docs: { brief: "Ask the inventory in SQL, read-only" },
  });

export const exported = () =>
  buildCommand<ExportFlags, [string | undefined], Context>({
    loader: async () => (await import("../commands/export.ts")).exportReport,
    parameters: {
      flags: {
        ...GLOBAL,
        ...AS_OF,
        output: optionalText("FILE", "Write to a file, all of it or nothing"),
        table: { kind: "enum", values: REPORT_TABLES, optional: true, variadic: ",", brief: "Only these tables" },
        raw: switched("CSV: leave cells that a spreadsheet would execute as they are"),
      },
      positional: {
        kind: "tuple",
        parameters: [optionalWord("FORMAT", "jsonl, csv, markdown; the list of formats if left out")],
      },
    },
    docs: { brief: "Write the inventory as a report" },
  });
