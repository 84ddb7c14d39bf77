/**
 * Sockets and neighbours on Windows: the cmdlets Get-NetTCPConnection, Get-NetUDPEndpoint and Get-NetNeighbor give
 * objects, which come as JSON whatever the language of the system.
 */
import { z } from 'zod';
import { runProgram } from '../run-program.ts';
import { type AddressBytes, parseAddress } from './address.ts';
import type { OwnedSocket } from './other-tables.ts';
import { isMac, type Neighbor } from './proc-net.ts';

const program = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
const start = '$ErrorActionPreference = "Stop"; [Console]::OutputEncoding = [Text.Encoding]::UTF8;';
const asJson = '| ConvertTo-Json -Depth 3 -Compress';

const socketScript = `${start} @{
  tcp = @(Get-NetTCPConnection | Select-Object LocalAddress, LocalPort, RemoteAddress, RemotePort, OwningProcess, @{n='State';e={[int]$_.State}});
  udp = @(Get-NetUDPEndpoint | Select-Object LocalAddress, LocalPort, OwningProcess);
  processes = @(Get-Process | Where-Object Path | Select-Object Id, Path) } ${asJson}`;
const neighborScript = `${start} @{ neighbors = @(Get-NetNeighbor | Select-Object IPAddress, LinkLayerAddress, @{n='State';e={[int]$_.State}}) } ${asJson}`;

function ask(script: string, signal: AbortSignal): Promise<string> {
  const env = { SystemRoot: 'C:\\Windows', PATH: 'C:\\Windows\\System32' };
  return runProgram(program, ['-NoProfile', '-NonInteractive', '-Command', script], { signal, env });
}

export async function socketsByPowerShell(signal: AbortSignal): Promise<OwnedSocket[]> {
  return parseSockets(await ask(socketScript, signal));
}

export async function neighborsByPowerShell(signal: AbortSignal): Promise<Neighbor[]> {
  return parseNeighbors(await ask(neighborScript, signal));
}

const Local = z.object({ LocalAddress: z.string(), LocalPort: z.int(), OwningProcess: z.int() });
const Sockets = z.object({
  tcp: z.array(Local.extend({ RemoteAddress: z.string(), RemotePort: z.int(), State: z.int() })),
  udp: z.array(Local),
  processes: z.array(z.object({ Id: z.int(), Path: z.string() })),
});

/** MIB_TCP_STATE_LISTEN, of the enumeration that State is. */
const listening = 2;

export function parseSockets(json: string): OwnedSocket[] {
  const { tcp, udp, processes } = Sockets.parse(JSON.parse(json));
  const paths = new Map(processes.map(({ Id, Path }) => [Id, Path]));
  const common = ({ LocalPort, OwningProcess }: z.output<typeof Local>) => ({
    localPort: LocalPort,
    pid: OwningProcess,
    path: paths.get(OwningProcess),
  });
  return [
    ...tcp.flatMap((one) => {
      const [local, remote] = [addressOf(one.LocalAddress), addressOf(one.RemoteAddress)];
      if (local === undefined || remote === undefined) return [];
      const isListening = one.State === listening;
      return [{ ...common(one), local, remote, remotePort: one.RemotePort, isListening }];
    }),
    ...udp.flatMap((one) => {
      const local = addressOf(one.LocalAddress);
      if (local === undefined) return [];
      const remote = Array<number>(local.length).fill(0);
      return [{ ...common(one), local, remote, remotePort: 0, isListening: true }];
    }),
  ];
}

const Neighbors = z.object({
  neighbors: z.array(z.object({ IPAddress: z.string(), LinkLayerAddress: z.string().nullable(), State: z.int() })),
});

/** Of the states, 0 and 1 are unreachable and incomplete: those neighbours did not answer. */
const answered = 2;

export function parseNeighbors(json: string): Neighbor[] {
  return Neighbors.parse(JSON.parse(json)).neighbors.flatMap(({ IPAddress, LinkLayerAddress, State }) => {
    const address = addressOf(IPAddress);
    const mac = (LinkLayerAddress ?? '').toLowerCase().replaceAll('-', ':');
    return address !== undefined && isMac(mac) && State >= answered ? [{ address, mac }] : [];
  });
}

/** IPv6 addresses come with the number of their interface, `fe80::1%12`. */
function addressOf(text: string): AddressBytes | undefined {
  return parseAddress(text.replace(/%.*$/, ''));
}
