/** The tables, as Kysely sees them. Times are RFC 3339 texts in UTC, big integers are numbers, jsonb is written as text. */
import type {
  AgentMode,
  AgentStatus,
  CommandStatus,
  CopiedIdentity,
  Description,
  Environment,
  Operation,
  OperationResult,
  ReportedRefusal,
  Tags,
  Threat,
} from '@mig/action';
import type { ActionStatus, InvestigatorStatus, PermissionName } from '@mig/api';
import type { ColumnType, Generated } from 'kysely';

/** Read as a value, written as JSON. */
type Json<T> = ColumnType<T, string, string>;

export interface Schema {
  readonly agents: AgentsTable;
  readonly actions: ActionsTable;
  readonly signatures: SignaturesTable;
  readonly commands: CommandsTable;
  readonly investigators: InvestigatorsTable;
  readonly challenges: ChallengesTable;
  readonly sessions: SessionsTable;
  readonly api_keys: ApiKeysTable;
  readonly macros: MacrosTable;
  readonly enrolment_tokens: EnrolmentTokensTable;
  readonly alerts: AlertsTable;
  readonly audit_log: AuditLogTable;
  readonly platform: PlatformTable;
}

interface AgentsTable {
  id: string;
  name: string;
  queueloc: string;
  mode: AgentMode;
  version: string;
  pid: number;
  starttime: string;
  environment: Json<Environment>;
  tags: Json<Tags>;
  status: AgentStatus;
  /** The session of the last hello; null when it is not connected. */
  session: string | null;
  heartbeattime: string;
  refreshtime: string;
  enroltime: string;
  destructiontime: string | null;
  copied: Json<CopiedIdentity> | null;
}

interface ActionsTable {
  id: string;
  name: string;
  target: string;
  description: Json<Description> | null;
  threat: Json<Threat> | null;
  validfrom: string;
  expireafter: string;
  operations: Json<readonly Operation[]>;
  /** The envelope's JSON as it was launched. */
  envelope: string;
  status: ActionStatus;
  launchtime: string;
  finishtime: string | null;
  /** Who cancelled it; null when nobody did. */
  cancelledby: string | null;
  cancelreason: string | null;
}

interface SignaturesTable {
  actionid: string;
  fingerprint: string;
  investigator: string;
  place: number;
}

interface CommandsTable {
  id: string;
  actionid: string;
  agentid: string;
  status: CommandStatus;
  results: Json<readonly OperationResult[]> | null;
  refusals: Json<readonly ReportedRefusal[]>;
  found: boolean;
  senttime: string | null;
  starttime: string | null;
  finishtime: string | null;
  /** Grows with each change of any command, in the order in which changes are committed. */
  change: Generated<number>;
}

interface InvestigatorsTable {
  id: string;
  name: string;
  fingerprint: string;
  publickey: string;
  status: InvestigatorStatus;
  permissions: Json<readonly PermissionName[]>;
  createtime: Generated<string>;
  lastmodifiedtime: Generated<string>;
}

interface ChallengesTable {
  id: string;
  fingerprint: string;
  challenge: string;
  expires: string;
}

interface SessionsTable {
  /** SHA-256 of the token, hexadecimal. */
  hash: string;
  investigatorid: string;
  expires: string;
}

interface ApiKeysTable {
  id: string;
  investigatorid: string;
  name: string;
  hash: string;
  createtime: Generated<string>;
  expiretime: string | null;
  lastusedtime: string | null;
}

interface MacrosTable {
  investigatorid: string;
  name: string;
  target: string;
}

interface EnrolmentTokensTable {
  id: string;
  name: string;
  hash: string;
  tags: Json<Tags>;
  uses: Generated<number>;
  usesleft: number | null;
  expiretime: string;
  createtime: Generated<string>;
  createdby: string;
}

interface AlertsTable {
  id: string;
  agentid: string;
  module: string;
  time: string;
  message: string;
  fields: Json<Readonly<Record<string, unknown>>>;
  receivetime: Generated<string>;
  change: Generated<number>;
}

interface PlatformTable {
  place: Generated<number>;
  /** SHA-256 of the CA's certificate, hexadecimal. */
  authority: string;
}

interface AuditLogTable {
  number: number;
  time: string;
  actor: string;
  event: string;
  subject: string;
  details: Json<Readonly<Record<string, unknown>>>;
  previous: string;
  hash: string;
}
