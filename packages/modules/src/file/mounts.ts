/** Mounted file systems that a walk does not enter by itself: those of the network, and those the kernel makes up. */
import { readFileSync } from 'node:fs';

const remote = /^(nfs\d?|cifs|smb3|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gpfs|sshfs|davfs|fuse(\..+)?)$/;
const pseudo =
  /^(proc|sysfs|cgroup2?|devpts|debugfs|tracefs|securityfs|pstore|bpf|configfs|fusectl|mqueue|hugetlbfs|binfmt_misc|autofs|rpc_pipefs|efivarfs|nsfs|selinuxfs|nfsd)$/;

/** Mount points that are skipped unless asked for, with the type of their file system. Empty where there is no mountinfo. */
export function skippedMounts(mountinfo = '/proc/self/mountinfo'): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(mountinfo, 'utf8');
  } catch {
    return new Map(); // Not Linux.
  }
  return new Map(
    parseMountinfo(text)
      .filter(({ type }) => remote.test(type) || pseudo.test(type))
      .map(({ path, type }) => [path, type]),
  );
}

/** Reads mountinfo (proc(5)): the mount point is the fifth field, the type the first one behind the separator `-`. */
export function parseMountinfo(text: string): { readonly path: string; readonly type: string }[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    const path = fields[4];
    const type = fields[separator + 1];
    return path === undefined || separator < 0 || type === undefined ? [] : [{ path: unescapeOctal(path), type }];
  });
}

/** The kernel writes space, tab, newline and backslash as octal escapes. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
