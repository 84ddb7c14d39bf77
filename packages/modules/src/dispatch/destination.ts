/** What every destination of alerts is, whatever its protocol. */
import type { RaisedAlert } from '@mig/module';

/** An alert with the endpoint that it was raised on: what destinations get. */
export interface OutgoingAlert extends RaisedAlert {
  readonly hostname: string;
}

export interface Destination {
  /** Where to, as people are shown it: no secrets. */
  readonly name: string;
  readonly kind: 'http' | 'syslog' | 'file';
  /** Most alerts that it takes at once. */
  readonly batch: number;
  /**
   * Hands `alerts` over, in order; resolves once they are taken. Throws a Refusal when they will never be, another Error
   * when all of them are to be tried again.
   */
  deliver(alerts: readonly OutgoingAlert[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The destination will not take these alerts, however often they are sent. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The destination says when it wants to be tried again. */
export class Later extends Error {
  override readonly name = 'Later';
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

/** An alert as one JSON object, without a line end. */
export function encodeAlert({ id, module, hostname, time, message, fields }: OutgoingAlert): string {
  return JSON.stringify({ id, module, hostname, time, message, fields });
}
