/**
 * Actions and everything that is said about them: the action document, the envelope that carries it with its
 * signatures, keyrings, access lists, the checks of an agent, and the messages between platform and agents.
 *
 * It answers: may this agent run this action, and if not, why? It computes on what it is given; it reads no file,
 * opens no connection and keeps no state, and it loads in a browser. OpenPGP is loaded when it is first needed.
 */
export { Acl, AclInvestigator, emptyAcl, Permission, parseAcl } from './acl/acl.ts';
export { type AclQuestion, type AclVerdict, evaluateAcl } from './acl/evaluate-acl.ts';
export {
  Action,
  ActionName,
  ActionTarget,
  actionPayloadType,
  actionSyntaxVersion,
  checkAction,
  Description,
  encodeAction,
  Operation,
  OperationParameters,
  Operations,
  parseAction,
  Threat,
  Timestamp,
} from './document/action.ts';
export { type ActionDraft, type LoadedAction, loadAction } from './document/action-file.ts';
export { type ActionInput, clockAllowanceMs, createAction, defaultExpiration } from './document/create-action.ts';
export { encodeLogin, Login, loginPayloadType, parseLogin } from './document/login.ts';
export {
  createEnvelope,
  Envelope,
  EnvelopeSignature,
  encodeEnvelope,
  parseEnvelope,
  payloadOf,
  signedBytesOf,
} from './envelope/envelope.ts';
export { preAuthenticationEncoding } from './envelope/pre-authentication-encoding.ts';
export { addSignature, type Signer, signEnvelope } from './envelope/sign-envelope.ts';
export { type SignatureVerdict, verifySignatures } from './envelope/verify-signatures.ts';
export { ActionError, actionError, type Refusal, refusal } from './errors/refusal.ts';
export { type ErrorCode, type ErrorValues, errorCodes } from './errors/registry.ts';
export { Fingerprint, FleetName, ModuleName, normalizeFingerprint } from './identifiers/names.ts';
export { createUuid, timeOfUuid, Uuid } from './identifiers/uuid.ts';
export { describeKeys, type KeyDescription } from './keyring/describe-key.ts';
export { addKeys, emptyKeyring, exportKey, type Keyring, readKeyring, removeKey } from './keyring/keyring.ts';
export { loadOpenPgp } from './keyring/openpgp.ts';
export {
  type CreatedKey,
  createKey,
  describePrivateKey,
  type KeyRequest,
  type PrivateKeyDescription,
} from './keyring/private-key.ts';
export { revokeKey } from './keyring/revoke-key.ts';
export { whyUnusable } from './keyring/usability.ts';
export {
  Agent,
  AgentIntroduction,
  AgentMode,
  AgentStatus,
  CopiedIdentity,
  queueLocation,
  Tags,
} from './messages/agent.ts';
export {
  Command,
  CommandStatus,
  FinalStatus,
  isErrorCode,
  isFinal,
  OperationResult,
  ReportedRefusal,
} from './messages/command.ts';
export { decodeMessage, encodeMessage } from './messages/encoding.ts';
export {
  architectureName,
  CloudInstance,
  Environment,
  operatingSystemName,
  PersistentModuleState,
} from './messages/environment.ts';
export { AlertMessage, HeartbeatMessage, HelloMessage, PresenceMessage, ResultMessage } from './messages/from-agent.ts';
export { isMessageKind, type MessageKind, type MessageOf, messageKinds } from './messages/kinds.ts';
export { AcknowledgementMessage, CancelMessage, CommandMessage } from './messages/to-agent.ts';
export {
  type AgentPlace,
  mayAgentPublish,
  mayAgentSubscribe,
  type ParsedTopic,
  parseTopic,
  type Topics,
  topicsOf,
} from './messages/topics.ts';
export { decodeBase64, encodeBase64 } from './text/base64.ts';
export { formatExpiration, parseExpiration } from './text/duration.ts';
export { describeIssues } from './text/issues.ts';
export { storable, storableValue } from './text/json-document.ts';
export {
  longestAclBytes,
  longestActionBytes,
  longestEnvelopeBytes,
  longestKeyBytes,
  longestWindowMs,
  mostOperations,
  mostSignatures,
} from './text/limits.ts';
export {
  type ActionVerdict,
  type OperationVerdict,
  type VerificationInput,
  verifyAction,
} from './verify/verify-action.ts';
