import { readFileSync } from "node:fs";
import type { Network } from "../engine/contract.ts";
import { UserError } from "../sdk/index.ts";
import type { Config } from "./contract.ts";
import type { Surroundings } from "./load.ts";
import { shortName } from "./problems.ts";

/**
 * The network as the engine wants it: the certificate authorities read.
 *
 * @throws {UserError} exit 2: a CA file that is not one, or an environment that switches verification off.
 */
export function openNetwork(config: Config, around: Surroundings): Network {
  if (around.environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    throw new UserError(
      "NODE_TLS_REJECT_UNAUTHORIZED=0 switches the verification of every server off; rollcall does not send credentials to just anybody",
      {
        next: "unset NODE_TLS_REJECT_UNAUTHORIZED, and name your certificate authority with --ca FILE",
      },
    );
  }
  const { proxy, noProxy, caFiles, share, deadline } = config.network;
  const ca = caFiles.map((file) => readAuthorities(file, around.cwd));
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy.length === 0 ? {} : { noProxy }),
    ...(ca.length === 0 ? {} : { ca: ca.join("\n") }),
    ...(share === undefined ? {} : { share }),
    ...(deadline === undefined ? {} : { deadline: deadline * 1_000 }),
  };
}

function readAuthorities(file: string, cwd: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`Cannot read the certificate authorities in ${shortName(file, cwd)}`, {
      next: "name a PEM file with --ca FILE",
      cause: error,
    });
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) {
    throw new UserError(`${shortName(file, cwd)} holds no certificate in PEM form`, {
      next: "openssl x509 -inform der -in FILE -out FILE.pem",
    });
  }
  return text;
}
