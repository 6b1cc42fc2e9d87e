import { AwsQueryProtocol, XmlShapeDeserializer } from "@aws-sdk/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { Schema } from "@smithy/types";
import { readXml, type Shape } from "./xml.ts";

/**
 * The SDK's own AWS Query protocol with one part exchanged: successful answers are read by {@link readXml}, straight
 * from the text into the shape that the SDK's schema describes. The SDK builds a tree of strings first and walks it
 * again, and it turns the numeric entity of a
 * character beyond U+FFFF into another character. Everything else (requests, signing, errors, shapes that this reader
 * does not know) stays the SDK's. A conformance test holds both readers to the same objects.
 *
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export class DirectQueryProtocol extends AwsQueryProtocol {
  constructor(options: ConstructorParameters<typeof AwsQueryProtocol>[0]) {
    super(options);
    this.deserializer = new DirectXmlDeserializer({
      timestampFormat: { useTrait: true, default: 5 },
      httpBindings: false,
      xmlNamespace: options.xmlNamespace,
      serviceNamespace: options.defaultNamespace,
    });
  }
}

class DirectXmlDeserializer extends XmlShapeDeserializer {
  readonly #shapes = new WeakMap<object, Shape | "unsupported">();

  override read(schema: Schema, bytes: Uint8Array, key?: string): unknown {
    // Error answers have no key: the SDK reads them as a document.
    const shape = key === undefined ? "unsupported" : this.#shapeOf(schema);
    if (key === undefined || shape === "unsupported") return super.read(schema, bytes, key);
    return readXml(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"), key, shape);
  }

  #shapeOf(schema: Schema): Shape | "unsupported" {
    const normalized = NormalizedSchema.of(schema);
    // The schema's own array is what stays the same between calls; its normalized wrapper does not.
    const identity = normalized.getSchema() as object;
    const known = this.#shapes.get(identity);
    if (known !== undefined) return known;
    const compiled = compile(normalized, (scalar) => (text) => this.#scalar(scalar, text), new Map());
    this.#shapes.set(identity, compiled);
    return compiled;
  }

  /** A date that is none stays text, so that its item is set aside by our schema and the rest of the page is kept. */
  #scalar(schema: NormalizedSchema, text: string): unknown {
    try {
      return this.readSchema(schema, text);
    } catch {
      return text;
    }
  }
}

type Scalar = (schema: NormalizedSchema) => (text: string) => unknown;

/** The SDK's schema as a reader's plan; `unsupported` where it uses a trait that IAM's and STS's answers do not. */
function compile(schema: NormalizedSchema, scalar: Scalar, open: Map<unknown, Shape>): Shape | "unsupported" {
  const traits = schema.getMergedTraits();
  if (traits.xmlFlattened !== undefined || traits.httpPayload !== undefined || traits.eventPayload !== undefined)
    return "unsupported";
  if (schema.isListSchema()) {
    const value = schema.getValueSchema();
    const item = compile(value, scalar, open);
    return item === "unsupported" ? item : { kind: "list", tag: value.getMergedTraits().xmlName ?? "member", item };
  }
  if (schema.isMapSchema()) {
    const [keySchema, valueSchema] = [schema.getKeySchema(), schema.getValueSchema()];
    const value = compile(valueSchema, scalar, open);
    if (value === "unsupported") return value;
    return {
      kind: "map",
      keyTag: keySchema.getMergedTraits().xmlName ?? "key",
      valueTag: valueSchema.getMergedTraits().xmlName ?? "value",
      value,
    };
  }
  if (schema.isUnionSchema() || schema.isDocumentSchema()) return "unsupported";
  if (schema.isStructSchema()) {
    const identity = schema.getSchema();
    const recursive = open.get(identity);
    if (recursive !== undefined) return recursive;
    const members = new Map<string, { readonly name: string; readonly shape: Shape }>();
    const shape: Shape = { kind: "struct", members };
    open.set(identity, shape);
    for (const [name, member] of schema.structIterator()) {
      const memberShape = compile(member, scalar, open);
      if (memberShape === "unsupported") return memberShape;
      members.set(member.getMemberTraits().xmlName ?? name, { name, shape: memberShape });
    }
    return shape;
  }
  if (schema.isStringSchema() && schema.getMergedTraits().mediaType === undefined) return { kind: "text" };
  if (schema.isTimestampSchema()) return { kind: "scalar", read: instantReader(scalar(schema)) };
  return { kind: "scalar", read: scalar(schema) };
}

/** IAM writes every instant as `2026-11-23T05:11:44Z`; anything else is left to the SDK. */
function instantReader(fallback: (text: string) => unknown): (text: string) => unknown {
  return (text) =>
    text.length === 20 && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? new Date(text) : fallback(text);
}
