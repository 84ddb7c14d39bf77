/** How large things may be. Each is checked before the thing is decoded. */

/** Longest action, in bytes of JSON: room for the largest policy documents in use (3 MB). */
export const longestActionBytes = 4 * 1024 * 1024;

/** Longest envelope, in bytes of JSON: an action in base64, and its signatures. */
export const longestEnvelopeBytes = 6 * 1024 * 1024;

/** Most signatures on one action. Each costs every agent a verification. */
export const mostSignatures = 16;

/** Longest signature, in bytes: sixteen thousand bits of RSA and its subpackets fit. */
export const longestSignatureBytes = 8 * 1024;

/** Most operations in one action. */
export const mostOperations = 100;

/** Longest window between validfrom and expireafter, in milliseconds. Agents remember an action's id as long. */
export const longestWindowMs = 366 * 24 * 3600 * 1000;

/** Longest access list, in bytes of JSON. */
export const longestAclBytes = 1024 * 1024;

/** Longest text of keys that is read at once, in bytes. */
export const longestKeyBytes = 1024 * 1024;

/** Deepest nesting of JSON that is read. */
export const deepestNesting = 64;
