export type * from "./contract.ts";
export { configFile, databasePath, loadConfig, readConfig } from "./load.ts";
