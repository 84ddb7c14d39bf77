import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCertificates } from './certificates.ts';

test('keeps its certificates, and makes that of the server anew for a name that it lacks', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mig-certificates-'));
  try {
    const first = await loadCertificates(directory, 'lab', ['mig.example.net']);
    expect(await loadCertificates(directory, 'lab', ['mig.example.net'])).toEqual(first);
    const more = await loadCertificates(directory, 'lab', ['mig.example.net', '192.0.2.7']);
    expect([more.authority, more.platform]).toEqual([first.authority, first.platform]);
    const { subjectAltName } = new X509Certificate(more.server.cert);
    expect(subjectAltName).toContain('IP Address:192.0.2.7');
    expect(subjectAltName).toContain('DNS:mig.example.net');
    await expect(loadCertificates(directory, 'other', [])).rejects.toThrow(/is of another fleet/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
