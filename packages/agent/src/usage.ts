/** What `mig-agent -h` prints. */
export const usage = `usage: mig-agent -m NAME [-p]   run one module: parameters on standard input, result on standard output
       mig-agent -V             print the version
       mig-agent -h             print this

  -m NAME   the module to run; reads messages, one JSON object a line, the first with the parameters
  -p        print the result for people instead of as JSON

Example:
  mig-agent -m example <<< '{"class":"parameters","parameters":{"gethostname":true}}'

Exit status: 0 when the run succeeded, found or not; 1 when it failed; 2 on wrong use.
`;
