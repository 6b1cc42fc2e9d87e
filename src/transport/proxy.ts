import { BlockList, isIP } from "node:net";

/** A proxy as configured; its credentials are kept apart from everything that is ever shown. */
export interface Proxy {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`, if it wants one. */
  readonly authorization: string | undefined;
}

/** @throws {TypeError} for something that is not an http or https URL; the message does not repeat it. */
export function parseProxy(text: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new TypeError("the proxy must be a URL that begins with http:// or https://");
  }
  const secure = url.protocol === "https:";
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    secure,
    host: bareHost(url.hostname),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    authorization: url.username === "" ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}

/**
 * Whether a host is reached without the proxy. An entry covers the name and everything below it, with or without a
 * leading dot or `*.`; `host:port` covers one port; `10.0.0.0/8` an address range; `*` everything.
 */
export function bypassesProxy(url: URL, noProxy: readonly string[]): boolean {
  const host = bareHost(url.hostname).toLowerCase();
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return noProxy.some((entry) => covers(entry.trim().toLowerCase(), host, port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  const range = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry);
  if (range !== null) return inRange(host, range[1] ?? "", Number(range[2]));
  if (isIP(entry) !== 0) return host === entry;
  const withPort = /^(.*):(\d{1,5})$/.exec(entry);
  if (withPort !== null && withPort[2] !== port) return false;
  const name = bareHost(withPort?.[1] ?? entry).replace(/^\*?\./, "");
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function inRange(host: string, network: string, prefix: number): boolean {
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || prefix > (family === "ipv6" ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(network, prefix, family);
  return range.check(host, family);
}

/** `[::1]` as a URL writes it, `::1` as a socket wants it. */
export function bareHost(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** A loopback address, or the name that stands for it: the only place where plain http may go. */
export function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname);
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    host === "::1" ||
    (isIP(host) === 4 && host.startsWith("127."))
  );
}
