import type { Known } from "rollcall/sdk";
import { active, fields, instant, optionalInstant, optionalList, optionalText, tags, text, texts } from "./fields.ts";

export interface ServiceCredential {
  readonly id: string;
  readonly userName: string;
  readonly service: string;
  readonly active: Known<boolean>;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** The user name that the service knows, or the alias of a bearer key. */
  readonly label: string | undefined;
}

export function serviceCredential(raw: unknown): ServiceCredential {
  const item = fields(raw, "a service-specific credential");
  return {
    id: text(item, "ServiceSpecificCredentialId"),
    userName: text(item, "UserName"),
    service: text(item, "ServiceName"),
    active: text(item, "Status") === "Expired" ? false : active(item),
    createdAt: instant(item, "CreateDate"),
    expiresAt: optionalInstant(item, "ExpirationDate"),
    label: optionalText(item, "ServiceCredentialAlias") ?? optionalText(item, "ServiceUserName"),
  };
}

export interface SigningCertificate {
  readonly id: string;
  readonly active: Known<boolean>;
  readonly uploadedAt: number | undefined;
  readonly body: string;
}

export function signingCertificate(raw: unknown): SigningCertificate {
  const item = fields(raw, "a signing certificate");
  return {
    id: text(item, "CertificateId"),
    active: active(item),
    uploadedAt: optionalInstant(item, "UploadDate"),
    body: text(item, "CertificateBody"),
  };
}

export interface SshKey {
  readonly id: string;
  readonly active: Known<boolean>;
  readonly uploadedAt: number | undefined;
}

export function sshKey(raw: unknown): SshKey {
  const item = fields(raw, "an SSH key");
  return { id: text(item, "SSHPublicKeyId"), active: active(item), uploadedAt: optionalInstant(item, "UploadDate") };
}

/** The public half of one SSH key, in OpenSSH's one-line form. */
export function sshKeyBody(answer: unknown): string {
  return text(fields(fields(answer, "the answer")["SSHPublicKey"], "SSHPublicKey"), "SSHPublicKeyBody");
}

export interface ServerCertificate {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  readonly uploadedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export function serverCertificate(raw: unknown): ServerCertificate {
  const item = fields(raw, "a server certificate");
  return {
    id: text(item, "ServerCertificateId"),
    name: text(item, "ServerCertificateName"),
    arn: text(item, "Arn"),
    path: optionalText(item, "Path") ?? "/",
    uploadedAt: optionalInstant(item, "UploadDate"),
    expiresAt: optionalInstant(item, "Expiration"),
  };
}

/** A virtual MFA device; its seed, if AWS ever sent one, is not read. */
export interface MfaDevice {
  readonly serial: string;
  /** ARN of the user or root it is assigned to. */
  readonly userArn: string | undefined;
}

export function mfaDevice(raw: unknown): MfaDevice {
  const item = fields(raw, "a virtual MFA device");
  const user = item["User"];
  return {
    serial: text(item, "SerialNumber"),
    userArn: user === undefined || user === null ? undefined : optionalText(fields(user, "User"), "Arn"),
  };
}

export interface KeyUse {
  /** `null`: never, as far as AWS has kept track. */
  readonly at: number | null;
  readonly where: string | undefined;
}

export function keyUse(answer: unknown): KeyUse {
  const use = fields(fields(answer, "the answer")["AccessKeyLastUsed"], "AccessKeyLastUsed");
  const at = optionalInstant(use, "LastUsedDate") ?? null;
  const places = [optionalText(use, "ServiceName"), optionalText(use, "Region")].filter(
    (place) => place !== undefined && place !== "N/A",
  );
  return { at, where: at === null || places.length === 0 ? undefined : places.join(" in ") };
}

export interface OidcProvider {
  readonly url: string | undefined;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAt: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export function oidcProvider(answer: unknown): OidcProvider {
  const body = fields(answer, "the answer");
  return {
    url: optionalText(body, "Url"),
    audiences: texts(body, "ClientIDList"),
    thumbprints: texts(body, "ThumbprintList"),
    createdAt: optionalInstant(body, "CreateDate"),
    tags: tags(body),
  };
}

export interface SamlProvider {
  readonly uuid: string | undefined;
  readonly metadata: string | undefined;
  readonly createdAt: number | undefined;
  readonly validUntil: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly encryption: string | undefined;
  readonly privateKeys: readonly { readonly id: string; readonly at: number | undefined }[];
}

export function samlProvider(answer: unknown): SamlProvider {
  const body = fields(answer, "the answer");
  return {
    uuid: optionalText(body, "SAMLProviderUUID"),
    metadata: optionalText(body, "SAMLMetadataDocument"),
    createdAt: optionalInstant(body, "CreateDate"),
    validUntil: optionalInstant(body, "ValidUntil"),
    tags: tags(body),
    encryption: optionalText(body, "AssertionEncryptionMode"),
    privateKeys: optionalList(body, "PrivateKeyList").map((raw) => {
      const key = fields(raw, "a private key");
      return { id: text(key, "KeyId"), at: optionalInstant(key, "Timestamp") };
    }),
  };
}

/** The ARNs of a list whose entries are little else: identity providers. */
export function listedProvider(raw: unknown): string {
  return text(fields(raw, "a provider"), "Arn");
}

/** The public part of one server certificate. */
export function serverCertificateBody(answer: unknown): string {
  return text(fields(fields(answer, "the answer")["ServerCertificate"], "ServerCertificate"), "CertificateBody");
}
