import { getStatus } from '@mig/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test('the platform says which fleet it is, to anybody', async () => {
  expect(await api.client().call(getStatus)).toMatchObject({ fleet: 'testfleet', version: '1.2.3', ready: true });
});
