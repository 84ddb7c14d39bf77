/** Hosts as investigators write them: a name, an address, and perhaps a port. Pure: validation in a browser uses it too. */
import { parseAddress } from './netstat/address.ts';

/** Labels of letters, digits and inner hyphens, up to 63 long, joined by dots (RFC 1123, section 2.1). */
const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Whether `text` is a name, or an address: of IPv6 perhaps with the interface it belongs to, `fe80::1%eth0` (RFC 4007). */
export function isHost(text: string): boolean {
  const [, address = '', zone] = /^([^%]*)(%[a-z0-9.-]{1,15})?$/i.exec(text) ?? [];
  if (address.includes(':')) return parseAddress(address) !== undefined;
  return zone === undefined && hostName.test(address);
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Reads `host`, `host:port`, an IPv6 address, or `[address]:port`; undefined when it is none of them. */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  if (!text.startsWith('[') && isHost(text)) return { host: text, port: undefined };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = digits === undefined ? undefined : Number(digits);
  if (!isHost(host) || (bracketed !== undefined && !bracketed.includes(':'))) return undefined;
  return port === undefined || (port >= 1 && port <= 65535) ? { host, port } : undefined;
}
