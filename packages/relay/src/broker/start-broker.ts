/** The embedded broker: MQTT over TLS, and over WebSocket where asked. Only certificates of the fleet's CA get in. */
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer as createTlsServer,
  type PeerCertificate,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import type { Uuid } from '@mig/action';
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { limitPackets, limitUnsent, longestPublish } from '../connection/guard-stream.ts';
import { OpenConnections } from './connections.ts';
import { type BrokerIdentity, identityOf } from './identity.ts';
import { refuseClient, refusePublish, refuseSubscribe } from './permission.ts';
import { createRetention } from './retention.ts';

export interface BrokerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Port of MQTT over WebSocket; without it there is none. 0 takes a free one. */
  readonly wsPort?: number;
  /** PEM: the CA whose clients are let in, and the certificate and key of this server. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly fleet: string;
  /**
   * Asked at each connection, once the certificate has been found to be the fleet's: why this client is not let in all
   * the same, or undefined. When it rejects, the client is not let in.
   */
  readonly admit?: (identity: BrokerIdentity) => string | undefined | Promise<string | undefined>;
  /** Most bytes that may wait for an agent that does not read; beyond it, its connection ends. Default 64 MiB. */
  readonly mostUnsentBytes?: number;
  /** Hears of refused clients and packets. */
  readonly log?: (message: string) => void;
}

export interface Broker {
  /** `mqtts://host:port` as this machine reaches it. */
  readonly url: string;
  /** `wss://host:port`, where there is one. */
  readonly wsUrl: string | undefined;
  readonly port: number;
  readonly wsPort: number | undefined;
  /** How many are connected. */
  clients(): number;
  /** Ends the connection of an agent, when it has one; its last will is published. */
  disconnect(agentId: Uuid): void;
  close(): Promise<void>;
}

/** How long a client may take for each: its handshake, its first packet. */
const patienceMs = 15_000;

const aedesOptions: AedesOptions = {
  heartbeatInterval: 30_000,
  connectTimeout: patienceMs,
  // For the platform, whose connections are waited for; see limitUnsent for the others.
  drainTimeout: 60_000,
  // A client that is gone without a word is noticed: 0, for never, is refused as well.
  keepaliveLimit: 3_600,
  // No message of ours has QoS 2. 0 would mean no limit.
  maxInflightInbound: 1,
};

/** Starts the broker; resolves once it listens. Throws the error of listen(2), or when a certificate is not readable. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { fleet, host, tls, log = () => {}, admit = () => undefined, mostUnsentBytes = 64 * 1024 * 1024 } = options;
  /** Who is at the other end of a stream, as its certificate says. */
  const shown = new WeakMap<object, BrokerIdentity>();
  /** Who was let in. */
  const identities = new WeakMap<Client, BrokerIdentity>();
  const agents = new Map<Uuid, Client>();
  const open = new OpenConnections();
  const aedes = await Aedes.createBroker({ ...aedesOptions, persistence: createRetention() });
  aedes.authenticate = (client, _username, _password, done) => {
    const refuse = (reason: string) => {
      log(`client '${client.id}' refused: ${reason}`);
      done(Object.assign(new Error(reason), { returnCode: 5 }) as AuthenticateError, false);
    };
    const identity = shown.get(client.conn);
    if (identity === undefined) return refuse("its certificate is not one of this fleet's");
    const wrong = refuseClient(identity, client);
    if (wrong !== undefined) return refuse(wrong);
    admitted(admit, identity).then((reason) => {
      if (reason !== undefined) return refuse(reason);
      identities.set(client, identity);
      done(null, true);
    });
  };
  aedes.authorizePublish = (client, packet, done) => {
    const identity = client === null ? undefined : identities.get(client);
    const reason = identity === undefined ? 'nobody sent it' : refusePublish(identity, fleet, packet);
    if (reason !== undefined) log(`packet of client '${client?.id}' refused: ${reason}`);
    done(reason === undefined ? null : new Error(reason));
  };
  aedes.authorizeSubscribe = (client, subscription, done) => {
    const identity = identities.get(client);
    const reason = identity === undefined ? 'nobody asked' : refuseSubscribe(identity, fleet, subscription.topic);
    if (reason === undefined) return done(null, subscription);
    log(`subscription of client '${client.id}' refused: ${reason}`);
    // MQTT 3.1.1, section 3.9.3: the subscription is answered with a failure, the connection stays.
    done(null, null);
  };
  aedes.on('clientReady', (client) => {
    const identity = identities.get(client);
    if (identity?.role === 'agent') agents.set(identity.agentId, client);
  });
  aedes.on('clientDisconnect', (client) => {
    const identity = identities.get(client);
    if (identity?.role === 'agent' && agents.get(identity.agentId) === client) agents.delete(identity.agentId);
  });
  aedes.on('clientError', (client, error) => log(`client '${client.id}': ${error.message}`));
  aedes.on('connectionError', (_client, error) => log(`connection: ${error.message}`));

  /** Hands a connection over, with bounds on what it can make this process keep. */
  const receive = (stream: Duplex, socket: TLSSocket, request?: Parameters<typeof aedes.handle>[1]) => {
    const subject = socket.authorized ? subjectOf(socket) : undefined;
    if (subject === undefined) return void stream.destroy();
    const identity = identityOf(subject, fleet);
    if (identity !== undefined) shown.set(stream, identity);
    socket.setNoDelay(true);
    limitPackets(stream);
    if (identity?.role !== 'platform') {
      limitUnsent(stream, mostUnsentBytes);
      open.add(identity?.agentId ?? JSON.stringify(subject), stream);
    }
    aedes.handle(stream, request);
  };

  const tlsOptions = {
    ...tls,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    handshakeTimeout: patienceMs,
  };
  const servers: (TlsServer | HttpsServer)[] = [];
  /** Every connection, also one that has not said yet who it is: none of them outlasts the broker. */
  const sockets = new Set<Socket>();
  const track = (one: TlsServer | HttpsServer) => {
    servers.push(one);
    one.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  };
  const server = createTlsServer(tlsOptions, (socket) => receive(socket, socket));
  server.on('tlsClientError', (error) => log(`handshake: ${error.message}`));
  track(server);
  const port = await listen(server, host, options.port);
  let wsPort: number | undefined;
  if (options.wsPort !== undefined) {
    const web = createHttpsServer(tlsOptions, (_request, response) => response.writeHead(426).end());
    track(web);
    const webSockets = new WebSocketServer({
      server: web,
      maxPayload: longestPublish + 5,
      handleProtocols: (protocols) => (protocols.has('mqtt') ? 'mqtt' : false),
    });
    webSockets.on('connection', (socket, request) =>
      receive(createWebSocketStream(socket), request.socket as TLSSocket, request),
    );
    webSockets.on('error', (error) => log(`websocket: ${error.message}`));
    web.on('tlsClientError', (error) => log(`handshake: ${error.message}`));
    wsPort = await listen(web, host, options.wsPort);
  }
  return {
    url: `mqtts://${bracketed(host)}:${port}`,
    wsUrl: wsPort === undefined ? undefined : `wss://${bracketed(host)}:${wsPort}`,
    port,
    wsPort,
    clients: () => aedes.connectedClients,
    disconnect: (agentId) => agents.get(agentId)?.close(),
    async close() {
      const closings = servers.map((one) => new Promise<void>((resolve) => one.close(() => resolve())));
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closings);
    },
  };
}

/** Why `identity` is not let in. Who asks in vain is not let in either. */
async function admitted(
  admit: NonNullable<BrokerOptions['admit']>,
  identity: BrokerIdentity,
): Promise<string | undefined> {
  try {
    return await admit(identity);
  } catch (error) {
    return `it could not be told whether it may: ${(error as Error).message}`;
  }
}

/** Undefined when the connection is over already: Node then gives null, which its types do not say. */
function subjectOf(socket: TLSSocket) {
  const certificate: PeerCertificate | null = socket.getPeerCertificate();
  return certificate?.subject;
}

function listen(server: TlsServer | HttpsServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
