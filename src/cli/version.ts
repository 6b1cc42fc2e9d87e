/** The version of the package that this file belongs to, found upwards: the bundle and the plain build lie at different depths. */
export function packageVersion(): string {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  for (const up of ["../", "../../", "../../../"]) {
    try {
      const text = readFileSync(new URL(`${up}package.json`, import.meta.url), "utf8");
      const { name, version } = JSON.parse(text) as { readonly name?: string; readonly version?: string };
      if (name === "rollcall" && version !== undefined) return version;
    } catch {
      // Not at this height.
    }
  }
  return "unknown";
}
