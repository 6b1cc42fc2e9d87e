export * from "./coverage.ts";
export * from "./facts.ts";
export * from "./finding.ts";
export * from "./instant.ts";
export * from "./kinds.ts";
export * from "./known.ts";
export * from "./records.ts";
export * from "./urn.ts";
