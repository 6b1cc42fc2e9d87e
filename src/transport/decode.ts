import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import type { Limits } from "./contract.ts";
import { FaultError } from "./fault.ts";

/** Node rejects a stream without its end or with a wrong checksum; Octokit's and Graph's transports do not. */
const DECODERS = new Map([
  ["gzip", promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)],
  ["x-gzip", promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)],
  ["deflate", promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate)],
  ["br", promisify<Buffer, { maxOutputLength: number }, Buffer>(brotliDecompress)],
]);

/**
 * The body without its content encoding. The door asks for none; where one comes all the same, it is undone here,
 * within the limit and to its last byte.
 *
 * @throws {FaultError} `limit` for a bomb, `protocol` for a damaged or unknown encoding.
 */
export async function decodeBody(body: Buffer, encoding: string | undefined, limits: Limits): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity" || body.length === 0) return body;
  const decode = DECODERS.get(name);
  if (decode === undefined) {
    throw new FaultError({
      class: "protocol",
      again: "fault",
      reason: "was answered in an encoding that was not asked for",
    });
  }
  try {
    return await decode(body, { maxOutputLength: limits.body });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new FaultError({
        class: "limit",
        again: "never",
        reason: `was answered with more than ${limits.body} bytes, compressed`,
      });
    }
    throw new FaultError({
      class: "protocol",
      again: "fault",
      reason: "was answered with a compressed body that is cut short or damaged",
    });
  }
}
