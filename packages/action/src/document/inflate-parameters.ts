/** Unpacks parameters that an older program compressed before it signed them: gzip in base64, as one string. */
import { actionError } from '../errors/refusal.ts';
import { decodeBase64 } from '../text/base64.ts';
import { parseJsonDocument } from '../text/json-document.ts';
import { longestActionBytes } from '../text/limits.ts';
import { OperationParameters } from './action.ts';

/** Gives the parameters in `text`. Throws an ActionError; `what` names them. Stops at the longest action's size. */
export async function inflateParameters(text: string, what: string): Promise<Readonly<Record<string, unknown>>> {
  const compressed = decodeBase64(text);
  if (compressed === undefined) throw actionError('DOCUMENT_INVALID', { what, detail: 'expected base64' });
  const inflated = parseJsonDocument(await inflate(compressed, what), what, longestActionBytes);
  const parameters = OperationParameters.safeParse(inflated);
  if (!parameters.success) throw actionError('DOCUMENT_INVALID', { what, detail: 'expected an object' });
  return parameters.data;
}

async function inflate(compressed: Uint8Array<ArrayBuffer>, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      bytes += part.value.byteLength;
      if (bytes > longestActionBytes) throw actionError('TEXT_TOO_LARGE', { what, bytes, limit: longestActionBytes });
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    if (bytes > longestActionBytes) throw cause;
    throw actionError('DOCUMENT_INVALID', { what, detail: `expected gzip: ${(cause as Error).message}` }, { cause });
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
