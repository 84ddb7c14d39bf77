/** Makes an alert fit the wire: what is too much is left out, and the alert says so. */
import { type AlertMessage, decodeMessage, encodeMessage, Timestamp } from '@mig/action';

/** Longest text of an alert, in characters (AlertMessage). */
const longestMessage = 4_096;
/** Most that the fields may take, in bytes of JSON. */
const mostFieldBytes = 64 * 1024;

/** Gives `alert` as the platform can read it. */
export function fitAlert(alert: AlertMessage): AlertMessage {
  const message = fitText(alert.message);
  const bytes = Buffer.byteLength(JSON.stringify(alert.fields) ?? '');
  const fields = bytes <= mostFieldBytes ? alert.fields : { leftout: `${bytes} bytes, more than ${mostFieldBytes}` };
  const time = Timestamp.safeParse(alert.time).success ? alert.time : new Date().toISOString();
  const fitting = { ...alert, time, message, fields };
  try {
    return decodeMessage('alert', encodeMessage('alert', fitting));
  } catch (error) {
    return { ...fitting, fields: { leftout: (error as Error).message.slice(0, 1_000) } };
  }
}

function fitText(text: string): string {
  if (text.length <= longestMessage) return text;
  const kept = text.slice(0, longestMessage - 64);
  return `${kept}… (${text.length - kept.length} characters left out)`;
}
