/** A platform whose questions end when ctrl-c is typed. */
import type { Platform } from '../platform/platform.ts';

/** Gives `platform` with every call, list and stream bound to `signal`; those with a signal of their own keep it. */
export function stoppable(platform: Platform, signal: AbortSignal): Platform {
  return {
    ...platform,
    call: (endpoint, request) => platform.call(endpoint, { signal, ...request } as typeof request),
    items: (endpoint, request) => platform.items(endpoint, { signal, ...request } as typeof request),
    follow: (endpoint, request) => platform.follow(endpoint, { signal, ...request } as typeof request),
    // The session outlives its orders.
    close: async () => {},
  };
}
