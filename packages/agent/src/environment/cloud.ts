/**
 * Which instance of which cloud an endpoint is, by what the machine itself says: what cloud-init left, else the names
 * in the firmware (SMBIOS). Nothing is asked over the network.
 */
import { readFileSync } from 'node:fs';
import type { CloudInstance } from '@mig/action';
import { z } from 'zod';

/** Gives the instance, or undefined when the endpoint is none, or does not say which. */
export function findCloudInstance(root = '/'): CloudInstance | undefined {
  return fromCloudInit(root) ?? fromFirmware(root);
}

const text = z.string().min(1).max(255);
const optional = text.nullish().catch(undefined);

/** https://docs.cloud-init.io/en/latest/explanation/instancedata.html: keys under v1 are kept stable. */
const InstanceData = z.object({
  v1: z.object({ cloud_name: text, instance_id: text, region: optional }),
  ds: z
    .object({
      meta_data: z
        .object({ 'instance-type': optional, instance_type: optional, 'ami-id': optional, 'local-ipv4': optional })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Names of what is no cloud, though cloud-init ran. */
const noClouds: readonly string[] = ['unknown', 'none', 'nocloud', 'configdrive', 'lxd'];

function fromCloudInit(root: string): CloudInstance | undefined {
  try {
    const { v1, ds } = InstanceData.parse(JSON.parse(read(root, 'run/cloud-init/instance-data.json')));
    if (noClouds.includes(v1.cloud_name.toLowerCase())) return undefined;
    const data = ds?.meta_data;
    return instance(v1.cloud_name.toLowerCase(), v1.instance_id, {
      instancetype: data?.['instance-type'] ?? data?.instance_type,
      imageid: data?.['ami-id'],
      region: v1.region,
      localipv4: data?.['local-ipv4'],
    });
  } catch {
    return undefined;
  }
}

/** Clouds by the vendor that their firmware names, and where in it the instance stands. */
const vendors: readonly (readonly [vendor: RegExp, provider: string, field: string, type?: string])[] = [
  [/^Amazon EC2$/, 'aws', 'board_asset_tag', 'product_name'],
  [/^Google$/, 'gce', 'product_serial'],
  [/^DigitalOcean$/, 'digitalocean', 'product_serial'],
  [/^Hetzner$/, 'hetzner', 'product_serial'],
  [/^Vultr$/, 'vultr', 'product_serial'],
  [/^Alibaba Cloud$/, 'aliyun', 'product_serial'],
  [/^Scaleway$/, 'scaleway', 'product_uuid'],
  [/^OpenStack Foundation$/, 'openstack', 'product_uuid'],
];

/** The asset tag that says that a machine of Microsoft's is in Azure, and not on somebody's desk. */
const azureTag = '7783-7084-3265-9085-8269-3286-77';

function fromFirmware(root: string): CloudInstance | undefined {
  const dmi = (name: string) => read(root, `sys/class/dmi/id/${name}`).trim();
  const vendor = dmi('sys_vendor');
  if (vendor === 'Microsoft Corporation' && dmi('chassis_asset_tag') === azureTag) {
    return instance('azure', dmi('product_uuid').toLowerCase(), {});
  }
  const known = vendors.find(([pattern]) => pattern.test(vendor));
  if (known === undefined) return undefined;
  const [, provider, field, type] = known;
  return instance(provider, dmi(field), { instancetype: type === undefined ? undefined : dmi(type) });
}

type Details = { readonly [K in keyof Omit<CloudInstance, 'provider' | 'instanceid'>]?: string | null | undefined };

function instance(provider: string, instanceId: string, details: Details): CloudInstance | undefined {
  if (instanceId === '' || instanceId.length > 255) return undefined;
  const given = Object.entries(details).filter(([, value]) => typeof value === 'string' && value !== '');
  return { provider, instanceid: instanceId, ...Object.fromEntries(given) };
}

/** Empty where there is no such file, or it may not be read. */
function read(root: string, path: string): string {
  try {
    return readFileSync(`${root}${path}`, 'utf8');
  } catch {
    return '';
  }
}
