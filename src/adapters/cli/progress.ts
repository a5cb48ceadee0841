import type { StageProgress } from '../../use-cases/steps.js';
import type { Terminal } from './terminal.js';
import { formatCount, formatDuration } from './text.js';

/** Shows how far a run is: a bar that redraws itself on a terminal, a plain line now and then elsewhere. */
export interface ProgressView {
  update(progress: StageProgress): void;
  /** A line of its own, not disturbed by the bar. */
  note(text: string): void;
  stop(): void;
}

const LABELS: Readonly<Record<StageProgress['stage'], string>> = {
  acquire: 'Reading Git', extract: 'Parsing', link: 'Linking', publish: 'Storing', record: 'Recording', retire: 'Tidying', release: 'Finishing',
};

const SILENT: ProgressView = { update: () => undefined, note: () => undefined, stop: () => undefined };

/** Between two plain lines of one stage, in milliseconds: a log file is read later, not watched. */
const PLAIN_INTERVAL = 5000;

export async function createProgressView(terminal: Terminal, options: { readonly quiet: boolean }): Promise<ProgressView> {
  if (options.quiet) return SILENT;
  return terminal.interactive ? barView(terminal) : plainView(terminal);
}

async function barView(terminal: Terminal): Promise<ProgressView> {
  const { default: cliProgress } = await import('cli-progress');
  const colours = terminal.errorColours;
  let pace = new Pace();
  let stage: StageProgress['stage'] | undefined;
  let started = false;
  const bar = new cliProgress.SingleBar({
    stream: terminal.errorStream,
    format: (options, parameters, payload: { label?: string; rate?: string; eta?: string }) => {
      const label = colours.bold((payload.label ?? '').padEnd(12));
      if (parameters.total === 0) return `${label} ${formatCount(parameters.value)}`;
      const filled = Math.round((options.barsize ?? 24) * Math.min(1, parameters.progress));
      const drawn = colours.cyan('█'.repeat(filled)) + colours.dim('░'.repeat((options.barsize ?? 24) - filled));
      return `${label} ${drawn} ${formatCount(parameters.value)}/${formatCount(parameters.total)}${payload.rate ?? ''}${payload.eta ?? ''}`;
    },
    barsize: 24, hideCursor: true, clearOnComplete: true, linewrap: false, fps: 10, stopOnComplete: false, gracefulExit: false,
  });
  return {
    update(progress) {
      if (progress.stage !== stage) {
        stage = progress.stage;
        pace = new Pace();
      }
      const measured = pace.at(progress);
      const payload = {
        label: LABELS[progress.stage],
        rate: measured.perSecond === undefined ? '' : `  ${formatCount(measured.perSecond)} files/s`,
        eta: measured.remaining === undefined ? '' : `  ETA ${formatDuration(measured.remaining)}`,
      };
      if (!started) {
        bar.start(progress.total ?? 0, progress.done, payload);
        started = true;
      } else {
        bar.setTotal(progress.total ?? 0);
        bar.update(progress.done, payload);
      }
    },
    note(text) {
      if (started) bar.stop();
      started = false;
      terminal.err(`${text}\n`);
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}

function plainView(terminal: Terminal): ProgressView {
  let stage: StageProgress['stage'] | undefined;
  let pace = new Pace();
  let last = 0;
  return {
    update(progress) {
      const now = Date.now();
      if (progress.stage !== stage) {
        stage = progress.stage;
        pace = new Pace();
        last = now;
      }
      // Once a stage is told as finished, nothing more is said of it.
      const finished = progress.total !== undefined && progress.done >= progress.total;
      if (last === Number.POSITIVE_INFINITY || (!finished && now - last < PLAIN_INTERVAL)) return;
      last = finished ? Number.POSITIVE_INFINITY : now;
      const { perSecond, remaining } = pace.at(progress);
      const count = progress.total === undefined ? formatCount(progress.done) : `${formatCount(progress.done)}/${formatCount(progress.total)}`;
      terminal.err(`${LABELS[stage]}: ${count}${perSecond === undefined ? '' : `, ${formatCount(perSecond)} files/s`}${remaining === undefined || remaining === 0 ? '' : `, ETA ${formatDuration(remaining)}`}\n`);
    },
    note: (text) => terminal.err(`${text}\n`),
    stop: () => undefined,
  };
}

/** Files a second and time left within one stage, from its start. */
class Pace {
  readonly #start = Date.now();
  #first: number | undefined;

  at(progress: StageProgress): { readonly perSecond?: number; readonly remaining?: number } {
    this.#first ??= progress.done;
    const seconds = (Date.now() - this.#start) / 1000;
    const done = progress.done - this.#first;
    // The first half second says nothing about pace.
    if (seconds < 0.5 || done <= 0) return {};
    const perSecond = done / seconds;
    return progress.total === undefined ? { perSecond } : { perSecond, remaining: (1000 * Math.max(0, progress.total - progress.done)) / perSecond };
  }
}
