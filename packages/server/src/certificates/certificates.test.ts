import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findAuthority, loadCertificates, makeAuthority } from './certificates.ts';

test('keeps its certificates, and makes that of the server anew for a name that it lacks', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mig-certificates-'));
  try {
    expect(findAuthority(directory, 'lab')).toBeUndefined();
    const authority = await makeAuthority(directory, 'lab');
    expect(findAuthority(directory, 'lab')).toEqual(authority);
    const load = (names: readonly string[], of = authority) =>
      loadCertificates(directory, { authority: of, fleet: 'lab', names });
    const first = await load(['mig.example.net']);
    expect(await load(['mig.example.net'])).toEqual(first);
    const more = await load(['mig.example.net', '192.0.2.7']);
    expect([more.authority, more.platform]).toEqual([first.authority, first.platform]);
    const { subjectAltName } = new X509Certificate(more.server.cert);
    expect(subjectAltName).toContain('IP Address:192.0.2.7');
    expect(subjectAltName).toContain('DNS:mig.example.net');
    expect(() => findAuthority(directory, 'other')).toThrow(/is of another fleet/);
    // Of the same name, and with another key: what the one before issued is of no use.
    const other = await makeAuthority(directory, 'lab');
    const anew = await load(['mig.example.net'], other);
    for (const { cert } of [anew.server, anew.platform]) {
      expect(new X509Certificate(cert).verify(new X509Certificate(other.cert).publicKey)).toBe(true);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
