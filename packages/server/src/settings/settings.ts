/** What can be configured for the platform: the keys of mig-server.toml, with their defaults. */
import { FleetName } from '@mig/action';
import { loadConfiguration } from '@mig/configuration';
import { logFormats, logLevels } from '@mig/daemon';
import { z } from 'zod';

const port = (standard: number) => z.int().min(0).max(65_535).default(standard);

/** What a process of the platform can do. By default one process does it all. */
export const roles = ['api', 'scheduler', 'relay'] as const;
export type Role = (typeof roles)[number];

export const Settings = z.strictObject({
  fleet: FleetName.default('mig').describe('The name of the fleet. It is part of every action and certificate.'),
  datadir: z.string().default('/var/lib/mig-server').describe('Certificates, the embedded database, admin.sock.'),
  names: z
    .array(z.string().min(1).max(255))
    .default([])
    .describe('Further host names and addresses under which clients and agents reach this server.'),
  roles: z
    .array(z.enum(roles))
    .default([])
    .describe(
      'What this process does: api, scheduler, relay (the embedded broker); empty for all, the relay only where relay.urls is empty.',
    ),
  database: z
    .strictObject({
      url: z
        .string()
        .regex(/^(postgres(ql)?:\/\/.+)?$/, 'expected postgres://user:password@host/database, or nothing')
        .default('')
        .describe('A PostgreSQL server, 15 or later; empty for the embedded database in the data directory.'),
    })
    .prefault({}),
  api: z
    .strictObject({
      host: z.string().default('0.0.0.0').describe('The address to listen on.'),
      port: port(8443).describe('The port; 0 takes a free one.'),
      requestsperminute: z.int().min(1).default(3_000).describe('Most requests of one address in a minute.'),
      loginsperminute: z.int().min(1).default(30).describe('Most logins and enrolments of one address in a minute.'),
    })
    .prefault({}),
  relay: z
    .strictObject({
      urls: z
        .array(z.string().regex(/^(mqtts|wss):\/\//, 'expected mqtts://host:port or wss://host:port'))
        .default([])
        .describe('Brokers of the fleet; empty for the embedded one.'),
      agenturls: z
        .array(z.string().regex(/^(mqtts|wss):\/\//, 'expected mqtts://host:port or wss://host:port'))
        .default([])
        .describe('What agents are told at enrolment; empty for urls, or the embedded broker under all names.'),
      host: z.string().default('0.0.0.0').describe('The address that the embedded broker listens on.'),
      port: port(8883).describe('Port of MQTT over TLS; 0 takes a free one.'),
      wsport: port(8884).describe('Port of MQTT over WebSocket over TLS; 0 takes a free one.'),
      rabbitmqport: port(0).describe('Port on 127.0.0.1 at which RabbitMQ asks who may do what; 0 for none.'),
      username: z.string().default('').describe('For brokers that want one.'),
      password: z.string().default('').describe('For brokers that want one.'),
    })
    .prefault({}),
  scheduler: z
    .strictObject({
      graceseconds: z
        .int()
        .min(0)
        .default(300)
        .describe('How long after the end of an action a command that was sent may still be answered.'),
      idleminutes: z.int().min(1).default(5).describe('Without a word for this long, an agent is idle.'),
      offlineminutes: z.int().min(1).default(60).describe('Without a word for this long, an agent is offline.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(logLevels).default('info').describe('Least level that is logged.'),
      format: z
        .enum(logFormats)
        .default('auto')
        .describe('auto: journald under systemd, text on a terminal, else json.'),
    })
    .prefault({}),
});
/** The configuration of the platform, defaults filled in. */
export type Settings = z.output<typeof Settings>;

/** Reads the configuration in `file` and the environment. Throws ConfigurationError. */
export function loadSettings(
  file: string | undefined,
  isRequired: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  return loadConfiguration(Settings, { file, isRequired, environment });
}
