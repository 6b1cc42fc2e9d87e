/** A key of a scanner's configuration, with the sentence that its schema carries. */
export interface ConfigKey {
  /** `organization.role` */
  readonly path: string;
  readonly doc: string;
}

/**
 * Reads the keys of a schema and their doc comments from its source: the sentence beside a key is where whoever
 * changes the key sees it. A key stands on a line of its own; one that is indented further belongs to the one above.
 * A key whose own keys are listed needs no comment.
 */
export function configKeys(source: string, schema: string): readonly ConfigKey[] {
  const start = source.indexOf(`const ${schema} = `);
  if (start < 0) throw new Error(`The source has no ${schema}`);
  const body = source.slice(start, source.indexOf("\n});", start));
  const keys: ConfigKey[] = [];
  const parents: { readonly indent: number; readonly name: string }[] = [];
  let doc = "";
  for (const line of body.split("\n").slice(1)) {
    const comment = /^\s*\/\*\* (.*) \*\/$/.exec(line);
    if (comment !== null) {
      doc = comment[1] ?? "";
      continue;
    }
    const key = /^( *)([A-Za-z]+): /.exec(line);
    if (key === null) continue;
    const indent = (key[1] ?? "").length;
    while ((parents.at(-1)?.indent ?? -1) >= indent) parents.pop();
    const name = key[2] ?? "";
    const path = [...parents.map((parent) => parent.name), name].join(".");
    parents.push({ indent, name });
    keys.push({ path, doc });
    doc = "";
  }
  return keys.filter((key) => key.doc !== "" || !keys.some((other) => other.path.startsWith(`${key.path}.`)));
}
