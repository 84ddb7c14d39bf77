/** Splits what people keep in key files: one or several armored blocks with text around them, or binary packets. */
import { actionError } from '../errors/refusal.ts';
import { longestKeyBytes } from '../text/limits.ts';

/** Gives each armored block of `text` by itself, whatever its kind. */
export function armoredBlocks(text: string): readonly string[] {
  return text.match(/^-----BEGIN PGP ([A-Z ]+)-----\s*$[\s\S]*?^-----END PGP \1-----\s*?$/gm) ?? [];
}

/** Gives the armored blocks in `content`, or its bytes when it is binary. Throws TEXT_TOO_LARGE and KEY_MALFORMED. */
export function readKeyText(content: string | Uint8Array, what: string): readonly string[] | Uint8Array {
  const bytes = typeof content === 'string' ? content.length : content.byteLength;
  if (bytes > longestKeyBytes) throw actionError('TEXT_TOO_LARGE', { what, bytes, limit: longestKeyBytes });
  if (typeof content !== 'string') {
    // A packet begins with its highest bit set (RFC 9580, section 4.2); armor is text.
    if ((content[0] ?? 0) >= 0x80) return content;
    return readKeyText(new TextDecoder().decode(content), what);
  }
  const blocks = armoredBlocks(content);
  if (blocks.length > 0) return blocks;
  throw actionError('KEY_MALFORMED', { what, detail: "it has no block that begins with '-----BEGIN PGP'" });
}
