import type { Credentials } from '../../domain/ports/credential-provider.js';

/** How Git is called: which binary, with which environment, which of its transports. */
export interface GitSetup {
  /** Name or path of the Git program. */
  readonly binary: string;
  /** Environment to start from; variables that would point Git elsewhere are taken out. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a command may do: read a repository of this machine (or, with `tidies`, tidy up our own mirror), or talk to a remote on behalf of our own mirror. */
export type GitPurpose =
  | { readonly kind: 'local'; readonly gitDir?: string | undefined; readonly tidies?: boolean }
  | RemotePurpose;

export interface RemotePurpose {
  readonly kind: 'remote';
  readonly gitDir?: string | undefined;
  /** Transports that may be used, redirections included. */
  readonly protocols: readonly string[];
  readonly secrets?: Credentials | undefined;
  /** Scheme and host that the secrets are for. */
  readonly origin?: string | undefined;
  /** Lets ssh fail where it would ask a question on the terminal. */
  readonly quietSsh?: boolean;
}

const NOWHERE = process.platform === 'win32' ? 'NUL' : '/dev/null';

/**
 * Settings that outrank a repository's own configuration. A repository is input, perhaps hostile, and its configuration can name programs; every key below
 * names one that a command used here could start. Filters and text conversions need no entry: no command used here applies them.
 */
const NEUTRAL_SETTINGS: readonly string[] = [
  'core.fsmonitor=false', `core.hooksPath=${NOWHERE}`, 'core.pager=cat', 'core.askPass=', 'core.alternateRefsCommand=', 'diff.external=',
  'protocol.ext.allow=never', 'uploadpack.packObjectsHook=',
];

/** Only for commands that stay on this machine: a remote one uses what its user has set up. */
const LOCAL_SETTINGS: readonly string[] = [
  'core.sshCommand=', 'core.gitProxy=', 'credential.helper=', 'gc.autoDetach=false', 'maintenance.autoDetach=false',
  // Reading somebody else's repository is harmless once its configuration can start nothing. Git honours this from the command line since 2.38.
  'safe.directory=*',
];

const NO_TIDYING: readonly string[] = ['maintenance.auto=false', 'gc.auto=0'];

/** The helper speaks from the environment, so that the secret is in no argument list and in no file. */
const CREDENTIAL_HELPER = '!f() { test "$1" = get && printf \'username=%s\\npassword=%s\\n\' "$CODELOOM_GIT_USERNAME" "$CODELOOM_GIT_PASSWORD"; }; f';

/** Settings to pass with `-c`, each `key=value`. Never a secret. */
export function gitSettings(purpose: GitPurpose): readonly string[] {
  if (purpose.kind === 'local') return [...NEUTRAL_SETTINGS, ...LOCAL_SETTINGS, ...(purpose.tidies === true ? [] : NO_TIDYING)];
  // Mirrors are tidied up by themselves, since it is silent, and silence here means that the remote stalls.
  const settings = [...NEUTRAL_SETTINGS, ...NO_TIDYING, 'init.templateDir=', 'fetch.recurseSubmodules=false'];
  if (purpose.quietSsh === true) settings.push('core.sshCommand=ssh -oBatchMode=yes');
  if (purpose.secrets !== undefined && purpose.origin !== undefined) {
    // Bound to the origin: a redirect to another host does not get the secret.
    settings.push('credential.helper=', `credential.${purpose.origin}.helper=${CREDENTIAL_HELPER}`);
  }
  return settings;
}

/** What a user may have set for transports; everything else that begins with GIT_ would point a command at another repository or program. */
const KEPT_FOR_REMOTES = new Set(['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT', 'GIT_PROXY_COMMAND', 'GIT_PROXY_SSL_CAINFO', 'GIT_HTTP_USER_AGENT', 'GIT_HTTP_LOW_SPEED_LIMIT', 'GIT_HTTP_LOW_SPEED_TIME']);
const KEPT_ALWAYS = /^GIT_(?:EXEC_PATH|SSL_\w+|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))$/;
const PROGRAM_VARIABLES = new Set(['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS', 'LANGUAGE', 'LC_ALL', 'LC_MESSAGES']);

/** Whether the user's environment names a program for SSH. */
export function namesSsh(environment: GitSetup['environment']): boolean {
  return Object.entries(environment).some(([name, value]) => value !== undefined && /^GIT_SSH(?:_COMMAND)?$/i.test(name));
}

/** The environment of a command. */
export function gitEnvironment(setup: GitSetup, purpose: GitPurpose): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(setup.environment)) {
    const key = name.toUpperCase();
    if (value === undefined || PROGRAM_VARIABLES.has(key)) continue;
    if (key.startsWith('GIT_') && !KEPT_ALWAYS.test(key) && !(purpose.kind === 'remote' && KEPT_FOR_REMOTES.has(key))) continue;
    environment[name] = value;
  }
  environment['LC_ALL'] = 'C';
  environment['GIT_TERMINAL_PROMPT'] = '0';
  environment['GIT_OPTIONAL_LOCKS'] = '0';
  // Content must be that of the id it is asked by.
  environment['GIT_NO_REPLACE_OBJECTS'] = '1';
  // Objects that a partial clone lacks stay missing: fetching them would write into the repository, through whatever remote it names.
  environment['GIT_NO_LAZY_FETCH'] = '1';
  environment['GIT_ALLOW_PROTOCOL'] = purpose.kind === 'local' ? 'none' : purpose.protocols.join(':');
  if (purpose.gitDir !== undefined) environment['GIT_DIR'] = purpose.gitDir;
  if (purpose.kind === 'remote' && purpose.secrets !== undefined) {
    environment['CODELOOM_GIT_USERNAME'] = purpose.secrets.username;
    environment['CODELOOM_GIT_PASSWORD'] = purpose.secrets.password;
  }
  return environment;
}
