import type { Report } from "rollcall/sdk";
import csv from "./csv/index.ts";
import jsonl from "./jsonl/index.ts";
import markdown from "./markdown/index.ts";

/** The reports that come with Rollcall, in the order in which they are listed. */
export const REPORTS: readonly Report[] = [jsonl, csv, markdown];
