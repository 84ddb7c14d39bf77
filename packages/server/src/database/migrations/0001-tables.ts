/** The first tables. */
import { type Kysely, sql } from 'kysely';

const statements = [
  `CREATE TABLE agents (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    queueloc text NOT NULL,
    mode text NOT NULL,
    version text NOT NULL,
    pid bigint NOT NULL,
    starttime timestamptz NOT NULL,
    environment jsonb NOT NULL,
    tags jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('online', 'idle', 'offline', 'destroyed')),
    session uuid,
    heartbeattime timestamptz NOT NULL,
    refreshtime timestamptz NOT NULL,
    enroltime timestamptz NOT NULL DEFAULT now(),
    destructiontime timestamptz
  )`,
  'CREATE INDEX agents_by_name ON agents (name, id)',
  'CREATE INDEX agents_by_status ON agents (status, heartbeattime)',

  `CREATE TABLE actions (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    target text NOT NULL,
    description jsonb,
    threat jsonb,
    validfrom timestamptz NOT NULL,
    expireafter timestamptz NOT NULL,
    operations jsonb NOT NULL,
    envelope text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'inprogress', 'finished', 'cancelled')),
    launchtime timestamptz NOT NULL DEFAULT now(),
    finishtime timestamptz
  )`,
  `CREATE INDEX actions_open ON actions (expireafter) WHERE status IN ('pending', 'inprogress')`,

  `CREATE TABLE signatures (
    actionid uuid NOT NULL REFERENCES actions,
    fingerprint text NOT NULL,
    investigator text NOT NULL,
    place integer NOT NULL,
    PRIMARY KEY (actionid, fingerprint)
  )`,

  `CREATE TABLE commands (
    id uuid PRIMARY KEY,
    actionid uuid NOT NULL REFERENCES actions,
    agentid uuid NOT NULL REFERENCES agents,
    status text NOT NULL
      CHECK (status IN ('pending', 'sent', 'success', 'failed', 'cancelled', 'expired', 'timeout')),
    results jsonb,
    refusals jsonb NOT NULL DEFAULT '[]',
    found boolean NOT NULL DEFAULT false,
    senttime timestamptz,
    starttime timestamptz,
    finishtime timestamptz,
    change bigserial,
    UNIQUE (actionid, agentid)
  )`,
  'CREATE INDEX commands_by_change ON commands (actionid, change)',
  'CREATE INDEX commands_by_status ON commands (actionid, status)',
  `CREATE INDEX commands_owed ON commands (agentid) WHERE status IN ('pending', 'sent')`,

  `CREATE TABLE investigators (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    fingerprint text NOT NULL UNIQUE,
    publickey text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'disabled')),
    permissions jsonb NOT NULL,
    createtime timestamptz NOT NULL DEFAULT now(),
    lastmodifiedtime timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE challenges (
    id uuid PRIMARY KEY, fingerprint text NOT NULL, challenge text NOT NULL, expires timestamptz NOT NULL
  )`,
  `CREATE TABLE sessions (
    hash text PRIMARY KEY, investigatorid uuid NOT NULL REFERENCES investigators, expires timestamptz NOT NULL
  )`,
  `CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    investigatorid uuid NOT NULL REFERENCES investigators,
    name text NOT NULL,
    hash text NOT NULL UNIQUE,
    createtime timestamptz NOT NULL DEFAULT now(),
    expiretime timestamptz,
    lastusedtime timestamptz
  )`,
  `CREATE TABLE macros (
    investigatorid uuid NOT NULL REFERENCES investigators,
    name text NOT NULL,
    target text NOT NULL,
    PRIMARY KEY (investigatorid, name)
  )`,

  `CREATE TABLE enrolment_tokens (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    hash text NOT NULL UNIQUE,
    tags jsonb NOT NULL,
    uses bigint NOT NULL DEFAULT 0,
    usesleft bigint,
    expiretime timestamptz NOT NULL,
    createtime timestamptz NOT NULL DEFAULT now(),
    createdby text NOT NULL
  )`,

  `CREATE TABLE alerts (
    id uuid NOT NULL,
    agentid uuid NOT NULL REFERENCES agents,
    module text NOT NULL,
    time timestamptz NOT NULL,
    message text NOT NULL,
    fields jsonb NOT NULL,
    receivetime timestamptz NOT NULL DEFAULT now(),
    change bigserial UNIQUE,
    PRIMARY KEY (agentid, id)
  )`,

  `CREATE TABLE audit_log (
    number bigint PRIMARY KEY,
    time timestamptz NOT NULL,
    actor text NOT NULL,
    event text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
  )`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit log only grows: % is refused', TG_OP; END $$`,
  `CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change()`,
  `CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

export async function createTables(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
