import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "../../src/transport/index.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64url");
const jwt = `eyJ${base64(`{"alg":"none"}`).slice(3)}.${base64(`{"sub":"someone"}`)}.${base64("signature")}`;
// Put together here, so that no scanner of sources takes them for real.
const SECRETS = [
  ["AKIA", "IOSFODNN7EXAMPLE"].join(""),
  ["ASIA", "IOSFODNN7EXAMPLE"].join(""),
  `ghp_${"a1B2".repeat(9)}`,
  `github_pat_${"a1B2_".repeat(9)}`,
  `glpat-${"a1B2".repeat(5)}`,
  ["xoxb", "123456789012", "abc"].join("-"),
  jwt,
  `-----BEGIN PRIVATE KEY-----\nMIIB\nAAAA\n-----END PRIVATE KEY-----`,
  `-----BEGIN RSA PRIVATE KEY-----\nMIIBcut`,
  ["wJalrXUtnFEMI", "K7MDENG", "bPxRfiCYEXAMPLEKEY"].join("/"),
  `IQoJb3JpZ2luX2VjE${"Abc1".repeat(20)}`,
];

describe("redact", () => {
  it.each(SECRETS.map((secret) => [secret.slice(0, 12), secret]))("cuts %s…", (_name, secret) => {
    for (const text of [secret, `before ${secret} after`, `{"value":"${secret}"}`, `(${secret})`, `x=${secret};`]) {
      expect(redact(text)).not.toContain(secret);
      expect(redact(text)).not.toContain(secret.slice(8, 40));
    }
  });

  it("cuts what stands behind a telling name, in a header, and in a URL", () => {
    expect(redact("sig=abc&x=1")).toBe("sig=[redacted]&x=1");
    expect(redact("token=abc, secret: def")).toBe("token=[redacted], secret: [redacted]");
    expect(redact(`{"client_secret":"abc","aws_secret_access_key": "def"}`)).toBe(
      `{"client_secret":"[redacted]","aws_secret_access_key": "[redacted]"}`,
    );
    expect(redact("Authorization: Bearer abcdefgh\nnext")).toBe("Authorization: [redacted]\nnext");
    expect(redact("sent Bearer abcdefgh.ijkl")).toBe("sent Bearer [redacted]");
    expect(redact("GET https://user:pass@host.example/path?X-Amz-Signature=1&a=b failed")).toBe(
      "GET https://[redacted]@host.example/path?[redacted] failed",
    );
  });

  it("leaves honest text as it is", () => {
    for (const text of [
      "iam:ListUsers was denied (AccessDenied, HTTP 403)",
      "arn:aws:iam::111122223333:role/service-role/OrganizationAccountAccessRole",
      "nhi:aws/aws:111122223333/user/AIDAIOSFODNN7EXAMPLE",
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "the token has expired; sign in again",
      "did not find the provider's host (DNS)",
      "https://iam.amazonaws.com/doc/2010-05-08",
    ]) {
      expect(redact(text)).toBe(text);
    }
  });

  it("is idempotent, bounded and quick, whatever the text", () => {
    const piece = oneof(string(), constantFrom(...SECRETS, "token=", "://", "@", "?", "Bearer ", "eyJ", "-----BEGIN "));
    assert(
      property(
        array(piece).map((pieces) => pieces.join("")),
        (text) => {
          const once = redact(text);
          expect(once.length).toBeLessThanOrEqual(2_000);
          expect(redact(once)).toBe(once);
        },
      ),
      { numRuns: 1_000 },
    );
    for (const evil of [
      "a".repeat(1e6),
      "token=".repeat(1e5),
      "://".repeat(1e5),
      "-----BEGIN ".repeat(1e5),
      "a://".repeat(1e5),
      "eyJ.".repeat(1e5),
    ]) {
      const started = performance.now();
      redact(evil);
      expect(performance.now() - started).toBeLessThan(300);
    }
  });
});
