import pc from 'picocolors';

/** The colour functions of picocolors. */
export type Colours = ReturnType<typeof pc.createColors>;

/** The two streams of a command: results go to `out`, everything else (progress, notes, errors) to `err`. */
export interface Terminal {
  /** Columns for tables; absent when `out` is no terminal: nothing is shortened then. */
  readonly columns: number | undefined;
  /** The same for `err`. */
  readonly errorColumns: number | undefined;
  readonly colours: Colours;
  readonly errorColours: Colours;
  /** `err` is a terminal, so that a bar may be drawn and redrawn. */
  readonly interactive: boolean;
  readonly errorStream: NodeJS.WritableStream;
  /** Resolves when the stream takes more, so that a long export does not pile up in memory. */
  out(text: string | Uint8Array): Promise<void>;
  err(text: string): void;
}

export interface TerminalRequest {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False for `--no-color`. */
  readonly colour: boolean;
}

export function createTerminal(request: TerminalRequest): Terminal {
  const { stdout, stderr } = request;
  return {
    columns: stdout.isTTY ? stdout.columns || 80 : undefined,
    errorColumns: stderr.isTTY ? stderr.columns || 80 : undefined,
    colours: pc.createColors(coloursWanted(stdout.isTTY === true, request)),
    errorColours: pc.createColors(coloursWanted(stderr.isTTY === true, request)),
    interactive: stderr.isTTY === true && request.environment['TERM'] !== 'dumb',
    errorStream: stderr,
    out: (text) => new Promise((resolve) => {
      if (stdout.write(text)) resolve();
      else stdout.once('drain', resolve);
    }),
    err: (text) => void stderr.write(text),
  };
}

/** `--no-color`, then NO_COLOR (https://no-color.org), then FORCE_COLOR, then whether it is a terminal. */
function coloursWanted(isTerminal: boolean, request: TerminalRequest): boolean {
  const { NO_COLOR: none, FORCE_COLOR: force, TERM: term } = request.environment;
  if (!request.colour || (none !== undefined && none !== '')) return false;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && term !== 'dumb';
}
