/** What `mig-agent -h` prints. */
export const usage = `usage: mig-agent [--checkin] [DIRECTORIES]   run the agent; --checkin: run what is owed, and leave
       mig-agent enrol --server URL --token-file FILE | --token TOKEN [--replace] [DIRECTORIES]
       mig-agent status [--json] [DIRECTORIES]                       how the agent that runs here is
       mig-agent journal [FILTERS] [--json] [DIRECTORIES]   what ran on this endpoint, and for whom
       mig-agent journal ACTION [--json] [DIRECTORIES]      what one action asked, and what it was answered
       mig-agent -m NAME [-p]   run one module: parameters on standard input, result on standard output
       mig-agent -P NAME        run one module that stays: messages on standard input and output
       mig-agent -V             print the version
       mig-agent -h             print this

  DIRECTORIES
    --config-dir DIR   configuration, keys and certificates; default /etc/mig
    --state-dir DIR    journal, spool, lock and socket; default /var/lib/mig
    --config FILE      the configuration; default mig-agent.toml in the configuration directory

  FILTERS
    --last N|all       how many, the latest ones; default 20
    --since TIME       since then: 2026-01-31T12:00:00Z, or how long ago: 24h
    --signer TEXT      signed by who has TEXT in name or fingerprint
    --module NAME      with an operation of this module
    --ran, --refused   only what ran, or only what was refused

  -m NAME   the module to run; reads messages, one JSON object a line, the first with the parameters
  -p        print the result for people instead of as JSON
  -owned    the end of standard input ends the run, or the agent (--owned)
  -P NAME   the module to run until it is told to stop; the agent starts it. -socket PATH: where it is asked
  --state-dir DIR   with -m and a module that stays: the state directory of the agent that runs it

Example:
  mig-agent -m example <<< '{"class":"parameters","parameters":{"gethostname":true}}'

Exit status: 0 when done, found or not; 1 when it failed; 2 on wrong use.
`;
