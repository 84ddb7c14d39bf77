/** Mounted file systems that a walk treats apart: those of the network, and those that the kernel makes up. */
import { readFileSync } from 'node:fs';

const remote =
  /^(nfs\d?|cifs|smb3|smbfs|ncpfs|afs|9p|virtiofs|vboxsf|vmhgfs|ceph|glusterfs|lustre|gpfs|beegfs|orangefs|ocfs2|gfs2|coda|sshfs|davfs|fuse(\..+)?)$/;
const pseudo =
  /^(proc|sysfs|cgroup2?|devpts|debugfs|tracefs|securityfs|pstore|bpf|configfs|fusectl|mqueue|hugetlbfs|binfmt_misc|autofs|rpc_pipefs|efivarfs|nsfs|selinuxfs|nfsd|resctrl|binder)$/;

/**
 * Mount points that are skipped unless asked for, with the type of their file system. Empty where there is no
 * mountinfo.
 */
export function skippedMounts(mountinfo = '/proc/self/mountinfo'): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = readFileSync(mountinfo, 'utf8');
  } catch {
    return new Map(); // Not Linux.
  }
  // A mount hides an earlier one at the same place.
  const types = new Map(parseMountinfo(text).map(({ path, type }) => [path, type]));
  return new Map([...types].filter(([, type]) => remote.test(type) || pseudo.test(type)));
}

/** Whether files of this type of file system give what the kernel makes up while they are read. */
export function isMadeUp(type: string): boolean {
  return pseudo.test(type);
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
