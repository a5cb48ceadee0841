import { CodeloomError } from '../domain/errors.js';
import type { Stage } from '../domain/index-run.js';
import type { Revision } from '../domain/ports/git-host.js';
import type { SpanAttributes, Telemetry } from '../domain/ports/telemetry.js';
import type { Steps } from './steps.js';

/** The steps, each attempt in a span that says what it is about and what came of it, and measured. */
export function observedSteps(steps: Steps, telemetry: Telemetry): Steps {
  async function observed<Output>(stage: Stage, about: SpanAttributes, work: () => Promise<Output>, found: (output: Output) => SpanAttributes): Promise<Output> {
    const begun = performance.now();
    const measure = (outcome: 'finished' | 'failed' | 'cancelled'): void => telemetry.observe('codeloom_stage_seconds', { stage, outcome }, (performance.now() - begun) / 1000);
    return telemetry.span({ name: `codeloom.stage.${stage}`, attributes: { 'codeloom.stage': stage, ...about } }, async (span) => {
      try {
        const output = await work();
        span.set(found(output));
        measure('finished');
        return output;
      } catch (error) {
        measure(CodeloomError.from(error).code === 'aborted' ? 'cancelled' : 'failed');
        throw error;
      }
    });
  }

  return {
    acquire: (input, context) => observed('acquire', {}, () => steps.acquire(input, context), ({ revision, counts, unchanged }) => ({
      ...subject(revision), ...counted(counts), 'codeloom.unchanged': unchanged !== undefined,
    })),
    extract: (input, context) => observed('extract', subject(input.revision), () => steps.extract(input, context), ({ counts }) => {
      telemetry.add('codeloom_files_total', { how: 'parsed' }, counts.parsed);
      // Of a range of a run that is shared out, the whole is looked at again when all ranges are done.
      if (input.part === undefined) telemetry.add('codeloom_files_total', { how: 'reused' }, counts.reused);
      return counted(counts);
    }),
    link: (input, context) => observed('link', { 'codeloom.repository': input.repository, 'codeloom.snapshot': input.snapshot }, () => steps.link(input, context), ({ counts, stats }) => {
      const { resolved, candidates, external, unresolved } = stats.verdicts;
      for (const [verdict, count] of Object.entries({ resolved, candidates, external, unresolved })) telemetry.add('codeloom_call_sites_total', { verdict }, count);
      return counted({ ...counts, resolved, candidates, external, unresolved });
    }),
    publish: (input, context) => observed('publish', subject(input.acquired.revision), () => steps.publish(input, context), ({ written, created }) => ({ ...counted({ written }), 'codeloom.created': created })),
    record: (input, context) => observed('record', subject(input.acquired.revision), () => steps.record(input, context), ({ files }) => counted({ files })),
    retire: (input, context) => observed('retire', { 'codeloom.repository': input.repository }, () => steps.retire(input, context), ({ snapshots, partitions, nodes }) => counted({ snapshots, partitions, nodes })),
    undo: (input, context) => steps.undo(input, context),
    release: (input, context) => observed('release', { 'codeloom.run': input.run }, () => steps.release(input, context), () => ({})),
  };
}

function subject({ repository, branch, commit }: Revision): SpanAttributes {
  return { 'codeloom.repository': repository.id, 'codeloom.branch': branch, ...(commit === undefined ? {} : { 'codeloom.commit': commit }) };
}

function counted(counts: Readonly<Record<string, number>>): SpanAttributes {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`codeloom.count.${name}`, count]));
}
