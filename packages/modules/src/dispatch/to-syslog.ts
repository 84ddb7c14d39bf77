/** A syslog server as a destination: over UDP (RFC 5426), TCP with octet counting (RFC 6587), TLS (RFC 5425). */
import { parseDuration } from '@mig/module';
import type { Destination } from './destination.ts';
import type { SyslogDestination } from './dispatch.ts';
import { SyslogDatagrams } from './syslog-datagrams.ts';
import { syslogMessage } from './syslog-message.ts';
import { SyslogStream } from './syslog-stream.ts';

export function syslogDestination(config: SyslogDestination): Destination {
  const { protocol, hostname, port } = new URL(config.address);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const server = { host, port: Number(port) || (protocol === 'tls:' ? 6514 : 514) };
  const timeoutMs = parseDuration(config.timeout)!;
  const carrier =
    protocol === 'udp:'
      ? new SyslogDatagrams(server)
      : new SyslogStream(server, timeoutMs, protocol === 'tls:' ? config : undefined);
  return {
    name: `${protocol}//${hostname}:${server.port}`,
    kind: 'syslog',
    batch: 64,
    deliver: (alerts, signal) =>
      carrier.send(
        alerts.map((alert) => syslogMessage(alert, config)),
        signal,
      ),
    close: () => carrier.close(),
  };
}
