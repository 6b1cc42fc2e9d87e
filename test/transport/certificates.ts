import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";

/** A throw-away certificate authority: X.509 v3 in DER by hand, because nothing in Node makes one. */
export interface Authority {
  readonly pem: string;
  issue(options?: { readonly hosts?: readonly string[]; readonly from?: number; readonly to?: number }): {
    readonly cert: string;
    readonly key: string;
  };
}

const DAY = 86_400_000;

export function createAuthority(name = "Throw-away CA"): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = distinguishedName(name);
  const now = Date.now();
  const own = certificate({
    issuer,
    subject: issuer,
    publicKey,
    signer: privateKey,
    from: now - DAY,
    to: now + DAY,
    extensions: [basicConstraintsCa, keyUsageCa],
  });
  return {
    pem: pem("CERTIFICATE", own),
    issue({ hosts = ["127.0.0.1"], from = now - DAY, to = now + DAY } = {}) {
      const leaf = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const der = certificate({
        issuer,
        subject: distinguishedName("leaf"),
        publicKey: leaf.publicKey,
        signer: privateKey,
        from,
        to,
        extensions: [alternativeNames(hosts)],
      });
      return {
        cert: pem("CERTIFICATE", der),
        key: leaf.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

function certificate(options: {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly from: number;
  readonly to: number;
  readonly extensions: readonly Buffer[];
}): Buffer {
  const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    options.issuer,
    sequence(time(options.from), time(options.to)),
    options.subject,
    options.publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...options.extensions)),
  );
  return sequence(body, algorithm, bits(sign("sha256", body, options.signer)));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const integer = (bytes: Buffer) => der(0x02, bytes);
const bits = (bytes: Buffer) => der(0x03, Buffer.from([0]), bytes);
const time = (instant: number) =>
  der(0x18, Buffer.from(`${new Date(instant).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
const distinguishedName = (name: string) => sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, Buffer.from(name)))));

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

const yes = der(0x01, Buffer.from([0xff]));
const basicConstraintsCa = sequence(oid("2.5.29.19"), yes, der(0x04, sequence(yes)));
const keyUsageCa = sequence(oid("2.5.29.15"), yes, der(0x04, der(0x03, Buffer.from([1, 0x06]))));

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 4 ? der(0x87, Buffer.from(host.split(".").map(Number))) : der(0x82, Buffer.from(host)),
  );
  return sequence(oid("2.5.29.17"), der(0x04, sequence(...names)));
}

function pem(label: string, body: Buffer): string {
  const lines = (body.toString("base64").match(/.{1,64}/g) ?? []).join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
