/**
 * Brackets and samples for tests: certificates of a fleet made for the test, a broker and a database that end with it. Imported by
 * tests only.
 */
export { startPostgres, type TestPostgres } from './start-postgres.ts';
export { createTestAuthority, type Lifetime, type TestAuthority, type TestCertificate } from './test-authority.ts';
export { type TestRelay, withRelay } from './with-relay.ts';
