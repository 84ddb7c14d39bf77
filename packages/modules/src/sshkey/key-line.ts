/** Lines of public key files and of authorized_keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT): options, type, key, comment. */
import { type Fingerprints, fingerprintsOf, typeOf } from './key-blob.ts';

export interface KeyLine extends Fingerprints {
  readonly hasOptions: boolean;
}

/** Options by name: what else stands before a key is a host in known_hosts, or junk. */
const options = new Set(
  'agent-forwarding cert-authority command environment expiry-time from no-agent-forwarding no-port-forwarding no-pty no-touch-required no-user-rc no-x11-forwarding permitlisten permitopen port-forwarding principals pty restrict tunnel user-rc verify-required x11-forwarding zos-key-ring-label'.split(
    ' ',
  ),
);

const keyText = /^([a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t]|$)/;

/** Reads one line, without its line end. Undefined when it holds no key that may log in. */
export function readKeyLine(line: string): KeyLine | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const plain = readKey(text);
  if (plain !== undefined) return { ...plain, hasOptions: false };
  const end = endOfOptions(text);
  if (end === undefined) return undefined;
  const key = readKey(text.slice(end).trimStart());
  return key === undefined ? undefined : { ...key, hasOptions: true };
}

/** Reads `type base64 comment`; the key must be of the type that stands before it. */
function readKey(text: string): Fingerprints | undefined {
  const [, type, base64] = keyText.exec(text) ?? [];
  if (base64 === undefined) return undefined;
  const blob = Buffer.from(base64, 'base64');
  return typeOf(blob) === type ? fingerprintsOf(blob) : undefined;
}

/** Where the options at the start of `text` end; undefined when they are none. */
function endOfOptions(text: string): number | undefined {
  let at = 0;
  for (;;) {
    const name = /^[A-Za-z0-9-]+/.exec(text.slice(at, at + 64))?.[0];
    if (name === undefined || !options.has(name.toLowerCase())) return undefined;
    at += name.length;
    if (text[at] === '=') {
      const end = endOfValue(text, at + 1);
      if (end === undefined) return undefined;
      at = end;
    }
    if (text[at] === ' ' || text[at] === '\t') return at;
    if (text[at] !== ',') return undefined;
    at++;
  }
}

/** Where the quoted value that starts at `at` ends; a quote in it is written `\"`. */
function endOfValue(text: string, at: number): number | undefined {
  if (text[at] !== '"') return undefined;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\' && text[i + 1] === '"') i++;
    else if (text[i] === '"') return i + 1;
  }
  return undefined;
}
