/**
 * An IAM policy document as written, checked for shape and nothing else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export interface Statement {
  /** `statement 2 ("DenyRegions")`: how people find it. */
  readonly label: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** Whether `actions` are the exceptions (`NotAction`). */
  readonly allActionsBut: boolean;
  readonly resources: readonly string[];
  readonly allResourcesBut: boolean;
  readonly conditional: boolean;
}

export interface ParsedDocument {
  readonly statements: readonly Statement[];
  /** What could not be understood. The readable statements stand; the document as a whole is not fully known. */
  readonly problem: string | undefined;
}

/** Reads a document that arrives as JSON text or already parsed. Never throws: what makes no sense is a `problem`. */
export function parseDocument(document: unknown): ParsedDocument {
  const value = typeof document === "string" ? parseJson(document) : document;
  if (!isObject(value)) return { statements: [], problem: "the document is not a JSON object" };
  const written = own(value, "Statement");
  const list = Array.isArray(written) ? written : [written];
  if (written === undefined || written === null) return { statements: [], problem: "the document has no statement" };
  const statements: Statement[] = [];
  let problem: string | undefined;
  for (const [index, item] of list.entries()) {
    const statement = parseStatement(item, index + 1);
    if (typeof statement === "string") problem ??= `statement ${index + 1}: ${statement}`;
    else statements.push(statement);
  }
  return { statements, problem };
}

function parseStatement(value: unknown, number: number): Statement | string {
  if (!isObject(value)) return "not an object";
  const effect = own(value, "Effect");
  if (effect !== "Allow" && effect !== "Deny") return "the effect is neither Allow nor Deny";
  const action = oneOf(value, "Action", "NotAction");
  if (typeof action === "string") return action;
  const resource = oneOf(value, "Resource", "NotResource");
  if (typeof resource === "string") return resource;
  const condition = own(value, "Condition");
  if (condition !== undefined && condition !== null && !isObject(condition)) return "the condition is not an object";
  return {
    label: labelOf(own(value, "Sid"), number),
    effect,
    actions: action.values.map((text) => text.toLowerCase()),
    allActionsBut: action.negated,
    resources: resource.values,
    allResourcesBut: resource.negated,
    conditional: isObject(condition) && Object.keys(condition).length > 0,
  };
}

function oneOf(
  value: object,
  plain: string,
  negated: string,
): { readonly values: readonly string[]; readonly negated: boolean } | string {
  const [yes, no] = [own(value, plain), own(value, negated)];
  if (yes !== undefined && no !== undefined) return `both ${plain} and ${negated}`;
  const written = yes ?? no;
  const values: readonly unknown[] = Array.isArray(written) ? written : [written];
  if (values.length === 0 || !values.every((item) => typeof item === "string")) {
    return `${plain} is not a text or a list of texts`;
  }
  return { values: values, negated: yes === undefined };
}

const LONGEST_SID = 80;

function labelOf(sid: unknown, number: number): string {
  if (typeof sid !== "string" || sid === "") return `statement ${number}`;
  return `statement ${number} ("${sid.length > LONGEST_SID ? `${sid.slice(0, LONGEST_SID)}…` : sid}")`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Own properties only: a document with a key `__proto__` must not answer for one that it does not have.
function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
