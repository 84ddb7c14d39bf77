/**
 * Brackets and samples for tests: certificates of a fleet made for the test, a broker and a database that end with it, a
 * whole platform of the built programs. Imported by tests only.
 */
export { type CuttableWire, startWire } from './cuttable-wire.ts';
export { madeOnce } from './made-once.ts';
export { type MosquittoBroker, startMosquitto } from './mosquitto-broker.ts';
export { makeQuickFolder } from './quick-folder.ts';
export { type RabbitmqBroker, type RabbitmqOptions, startRabbitmq } from './rabbitmq-broker.ts';
export { copyServerData } from './server-data.ts';
export { startPostgres, type TestPostgres } from './start-postgres.ts';
export { createTestAuthority, type Lifetime, type TestAuthority, type TestCertificate } from './test-authority.ts';
export { startProcess, type TestProcess } from './test-process.ts';
export { type OtherBroker, openPlatform, type TestAgent, type TestPlatform, withPlatform } from './with-platform.ts';
export { type TestRelay, withRelay } from './with-relay.ts';
