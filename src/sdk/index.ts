export * from "../model/index.ts";
export * from "./door.ts";
export * from "./errors.ts";
export * from "./pager.ts";
export * from "./report.ts";
export * from "./rule.ts";
export * from "./scanner.ts";
export type * from "./standard-schema.ts";
export * from "./text.ts";
