/**
 * Every refusal of this package, in one table: a stable code, what it says, and what the reader can do.
 *
 * A code is never given to another meaning. `{name}` in a message is filled in where the refusal is made.
 * docs/errors.md lists the same table; a test compares the two.
 */

const table = {
  TEXT_TOO_LARGE: {
    message: '{what} is {bytes} bytes, expected at most {limit}',
    wayout: 'Split it into smaller ones, or ask for less at once.',
  },
  TEXT_MALFORMED: {
    message: '{what} is not JSON in UTF-8: {detail}',
    wayout: 'Check it with a JSON tool, such as `jq . FILE`.',
  },
  TEXT_AMBIGUOUS: {
    message: '{what} can be read in more than one way: {detail}',
    wayout:
      'Write every key once, plain text in every string, and what a number cannot hold as text, so that all read the same.',
  },
  DOCUMENT_INVALID: {
    message: '{what}: {detail}',
    wayout: 'Correct the named field; docs/action.md describes them all.',
  },
  DURATION_INVALID: {
    message: "{what} is '{value}', expected a duration such as '90s', '5m' or '1h30m'",
    wayout: 'Write a number with a unit: ns, us, ms, s, m, h or d.',
  },
  ACTION_SYNTAX_UNKNOWN: {
    message: '{what} has syntaxversion {value}, expected 2',
    wayout: 'Rewrite it in version 2: name, target, operations with module and parameters.',
  },
  ACTION_WINDOW_INVALID: {
    message: 'action is valid from {validfrom} to {expireafter}: {detail}',
    wayout: 'Give another expiration, or leave validfrom and expireafter out to start now.',
  },
  ENVELOPE_MALFORMED: {
    message: 'envelope: {detail}',
    wayout: 'Send the envelope as it was signed: payload, payloadType and signatures, in base64 as DSSE has it.',
  },
  PAYLOAD_TYPE_UNKNOWN: {
    message: "envelope carries '{value}', expected '{expected}'",
    wayout: 'Sign an action of MIG; other documents are not run.',
  },
  SIGNATURE_MISSING: {
    message: 'envelope has no signature',
    wayout: 'Sign the action with the key of an investigator.',
  },
  SIGNATURE_MALFORMED: {
    message: 'signature {number} cannot be read: {detail}',
    wayout: 'Make it with `gpg --detach-sign` or with mig, one signature for each entry.',
  },
  SIGNATURE_KIND_WRONG: {
    message: 'signature {number} is of type {value}, expected 0, a detached signature over a binary document',
    wayout: 'Make it with `gpg --detach-sign`, without --textmode or --clear-sign.',
  },
  SIGNATURE_HASH_WEAK: {
    message: 'signature {number} uses the hash {value}, expected one of {expected}',
    wayout: 'Sign again with `gpg --digest-algo SHA512`.',
  },
  SIGNATURE_INVALID: {
    message: 'signature {number} of {fingerprint} does not fit the payload: {detail}',
    wayout: 'The payload or its type was changed after signing: sign it again, and find out who changed it.',
  },
  SIGNATURE_EXPIRED: {
    message: 'signature {number} of {fingerprint} expired on {expired}',
    wayout: 'Sign the action again.',
  },
  SIGNATURE_FROM_FUTURE: {
    message: 'signature {number} of {fingerprint} was made on {created}, which is after {now}',
    wayout: 'Compare the clocks of the signer and of this machine.',
  },
  SIGNER_REPEATED: {
    message: 'signature {number} is of {fingerprint}, who has signed already',
    wayout: 'Every signature must be of another investigator; subkeys of one key are one investigator.',
  },
  KEY_MALFORMED: {
    message: '{what} is not an OpenPGP key: {detail}',
    wayout: 'Export it with `gpg --armor --export FINGERPRINT` or `mig key export`.',
  },
  KEY_IS_PRIVATE: {
    message: '{what} holds the private key {fingerprint}, expected public keys only',
    wayout: 'Put the public key there, and keep the private key with its owner.',
  },
  KEY_IS_PUBLIC: {
    message: '{what} holds the public key {fingerprint}, expected a private key',
    wayout: 'Export it with `gpg --armor --export-secret-keys FINGERPRINT`.',
  },
  KEY_UNKNOWN: {
    message: 'key {fingerprint} is not in the keyring',
    wayout: "Add the investigator's public key to the keyring, if the investigator is to be trusted.",
  },
  KEY_REVOKED: {
    message: 'key {fingerprint} is revoked',
    wayout: "Use the investigator's new key, and remove this one from the keyring.",
  },
  KEY_EXPIRED: {
    message: 'key {fingerprint} expired on {expired}',
    wayout: 'Extend the key with `gpg --quick-set-expire`, and add its new public key to the keyring.',
  },
  KEY_FROM_FUTURE: {
    message: 'key {fingerprint} was made on {created}, which is after {now}',
    wayout: 'Set the clock of this machine.',
  },
  KEY_TOO_WEAK: {
    message: 'key {fingerprint} is too weak: {detail}',
    wayout: 'Make a new key: curve25519, or RSA of 3072 bits.',
  },
  KEY_CANNOT_SIGN: {
    message: 'key {fingerprint} cannot sign: {detail}',
    wayout: 'Use a key with a valid user id and a signing key that is neither revoked nor expired.',
  },
  PASSPHRASE_WRONG: {
    message: 'passphrase does not open the key {fingerprint}',
    wayout: 'Type it again; it cannot be recovered.',
  },
  PASSPHRASE_MISSING: {
    message: 'key {fingerprint} needs a passphrase, got none',
    wayout: 'Give the passphrase.',
  },
  ACL_NO_PERMISSION: {
    message: "access list has no permission for module '{module}', and no default",
    wayout: 'Add a permission for the module, or a default, to acl.json on the endpoint.',
  },
  ACL_WEIGHT_TOO_LOW: {
    message:
      "signatures weigh {weight} for module '{module}', expected at least {minimumweight} (permission '{permission}')",
    wayout: 'Have another investigator of that permission sign the action as well.',
  },
  ACTION_OTHER_FLEET: {
    message: "action is for the fleet '{value}', expected '{expected}'",
    wayout: 'Sign an action for this fleet.',
  },
  ACTION_NOT_YET_VALID: {
    message: 'action is valid from {validfrom} on, and it is {now}',
    wayout: 'Wait until then, and compare the clocks of the signer and of this machine.',
  },
  ACTION_EXPIRED: {
    message: 'action expired at {expireafter}, and it is {now}',
    wayout: 'Sign a new action with a longer expiration.',
  },
  ACTION_REPLAYED: {
    message: 'action {id} was received before',
    wayout: 'Sign a new action to ask again.',
  },
  MODULE_UNKNOWN: {
    message: "module '{module}' is not part of this agent, which has {known}",
    wayout: 'Narrow the target to agents with the module, or install an agent that has it.',
  },
  PARAMETERS_INVALID: {
    message: "parameters of module '{module}': {detail}",
    wayout: 'See `mig MODULE help` for the parameters.',
  },
  POLICY_UNUSABLE: {
    message: 'keyring or access list of the endpoint cannot be used: {detail}',
    wayout: 'Correct the named file on the endpoint; until then its agent runs nothing.',
  },
  AGENT_BUSY: {
    message: 'agent has {limit} commands waiting, and takes no more',
    wayout: 'Ask again later, with a new action.',
  },
  RUN_INTERRUPTED: {
    message: 'run that started at {started} was interrupted, because the agent or its machine stopped',
    wayout: 'Sign a new action to ask again; the agent never repeats one by itself.',
  },
  JOURNAL_UNWRITABLE: {
    message: 'journal of the endpoint cannot be written, so that nothing is run: {detail}',
    wayout: 'Make room on the disk of the endpoint, or give the agent the right to write there.',
  },
  MESSAGE_TOO_LARGE: {
    message: 'message {kind} is {bytes} bytes, expected at most {limit}',
    wayout: 'Ask a narrower question.',
  },
  MESSAGE_MALFORMED: {
    message: 'message {kind}: {detail}',
    wayout: 'Run versions of agent and platform that know each other.',
  },
  TOPIC_INVALID: {
    message: "{what} is '{value}', expected {expected}",
    wayout: 'Use the name that the platform gave.',
  },
} as const satisfies Readonly<Record<string, { readonly message: string; readonly wayout: string }>>;

/** The stable name of one refusal. */
export type ErrorCode = keyof typeof table;

/** Message template and way out of every code. */
export const errorCodes: Readonly<Record<ErrorCode, { readonly message: string; readonly wayout: string }>> = table;

/** The names that a message template holds in braces. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** What a refusal of `Code` must be given to fill in its message. */
export type ErrorValues<Code extends ErrorCode> = Readonly<
  Record<Placeholders<(typeof table)[Code]['message']>, string | number>
>;
