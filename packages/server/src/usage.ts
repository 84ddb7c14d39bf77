/** What `mig-server -h` prints. */
export const usage = `usage: mig-server [--config FILE] [--data-dir DIR] [--roles ROLE,…]   run the platform
       mig-server check-config [--config FILE]   say whether the configuration can be used, and as what
       mig-server audit verify [FILE]            whether the audit log is whole: an export (- for standard input),
                                                 or the one in the database
       mig-server replace-ca [--config FILE]     make the CA in the data directory the fleet's, or a new one
       mig-server -V | -h                        print the version, or this

  --config FILE     the configuration; default /etc/mig-server/mig-server.toml, where it is there
  --data-dir DIR    certificates, the embedded database, admin.sock; default /var/lib/mig-server
  --roles ROLE,…    what this process does: api, scheduler, relay; default all, on a database of its own
  --owned           the end of standard input ends the server

When it serves, it prints one line of JSON on standard output: where the API and the relay are reached, and where the
socket of the local administrator is. The log goes to standard error.

Examples:
  mig-server --data-dir /srv/mig
  MIG_DATABASE_URL=postgres://mig@db/mig mig-server --roles api
  mig audit list -json > audit.ndjson && mig-server audit verify audit.ndjson

Exit status: 0 when stopped; 1 when it failed, or the audit log is not whole; 2 on wrong use.
`;
