/** `mig-agent status`: asks the agent that runs here how it is. */
import { placesIn } from '../settings/places.ts';
import type { Status } from '../status/status.ts';
import { askStatus } from '../status/status-socket.ts';
import type { DaemonCommand } from './words.ts';

export async function showStatus(command: Extract<DaemonCommand, { kind: 'status' }>): Promise<number> {
  const { socket } = placesIn(command.configDirectory, command.stateDirectory);
  let status: Status;
  try {
    status = await askStatus(socket);
  } catch (error) {
    process.stderr.write(`mig-agent: ${whyNot(error as NodeJS.ErrnoException, socket)}\n`);
    return 1;
  }
  process.stdout.write(command.isJson ? `${JSON.stringify(status)}\n` : lines(status).join(''));
  return 0;
}

function whyNot({ code, message }: NodeJS.ErrnoException, socket: string): string {
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return `no agent runs here: nobody answers at ${socket}`;
  if (code === 'EACCES') return `${socket} is another user's: ask as root, or as the user of the agent`;
  return `${socket}: ${message}`;
}

function lines(status: Status): string[] {
  const { relay, running, spooled, policy, persistent, alerts } = status;
  const rows: (readonly [string, string])[] = [
    ['agent', `${status.agentid} (${status.name}) of the fleet ${status.fleet}`],
    ['process', `${status.pid}, version ${status.version}, since ${status.starttime}`],
    ['platform', `${relay.state} since ${relay.since}${relay.detail === null ? '' : ` (${relay.detail})`}`],
    ['certificate', `until ${status.certificateends}`],
    ['keys', policy.problem ?? `${policy.keys}; permissions: ${policy.permissions.join(', ') || 'none'}`],
    ['privacy', status.privacy ? 'on' : 'off'],
    ['commands', `${running.length} running, ${status.queued} waiting, ${spooled.results} to be acknowledged`],
    ...lackedRows(status),
    ...running.map(({ actionid, name, module, starttime }) => {
      return ['running', `${actionid} '${name}': ${module ?? 'between operations'}, since ${starttime}`] as const;
    }),
    ...persistent.map((module) => [`${module.name}`, describeModule(module)] as const),
    ...alerts
      .filter(({ waiting, dropped }) => waiting + dropped > 0)
      .map(({ module, waiting, dropped }) => {
        return [
          'alerts',
          `${module}: ${waiting} to be acknowledged, ${dropped} dropped since the agent started`,
        ] as const;
      }),
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(12)} ${value}\n`);
}

/** What did not go as it should since the start, where something did not. */
function lackedRows({ lacked: { declined, dropped, unjournaled } }: Status): (readonly [string, string])[] {
  const said = [
    [declined, 'commands left to the platform because the spool was full'],
    [dropped, 'results given up because the spool was full'],
    [unjournaled, 'entries that could not be written to the journal'],
  ] as const;
  return said.filter(([count]) => count > 0).map(([count, what]) => ['problem', `${what}: ${count}`]);
}

function describeModule({ state, since, pid, reason, restarts, undelivered }: Status['persistent'][number]): string {
  const details = [
    ...(pid === null ? [] : [`process ${pid}`]),
    ...(restarts === 0 ? [] : [`started again ${restarts} ${restarts === 1 ? 'time' : 'times'}`]),
    ...(undelivered === 0 ? [] : [`${undelivered} alerts of others not taken`]),
    ...(reason === null ? [] : [state === 'running' ? `the last time because: ${reason}` : reason]),
  ];
  return `${state} since ${since}${details.length === 0 ? '' : `; ${details.join('; ')}`}`;
}
