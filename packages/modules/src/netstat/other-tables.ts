/** Sockets and neighbours on macOS and Windows, from programs whose output is documented for programs to read. */
import type { Platform } from '@mig/module';
import type { AddressBytes } from './address.ts';
import { neighborsByArp, socketsByLsof } from './mac-programs.ts';
import { neighborsByPowerShell, socketsByPowerShell } from './power-shell.ts';
import type { Neighbor } from './proc-net.ts';

/** A socket with what holds it. */
export interface OwnedSocket {
  readonly local: AddressBytes;
  readonly localPort: number;
  readonly remote: AddressBytes;
  readonly remotePort: number;
  readonly isListening: boolean;
  readonly pid: number | undefined;
  readonly path: string | undefined;
}

export interface OtherTables {
  /** Rejects with an Error that names the program which is missing or failed. */
  sockets(signal: AbortSignal): Promise<OwnedSocket[]>;
  neighbors(signal: AbortSignal): Promise<Neighbor[]>;
}

export const otherTables: Readonly<Record<Exclude<Platform, 'linux'>, OtherTables>> = {
  darwin: { sockets: socketsByLsof, neighbors: neighborsByArp },
  win32: { sockets: socketsByPowerShell, neighbors: neighborsByPowerShell },
};
