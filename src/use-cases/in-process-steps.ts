import { acquireSource } from './acquire-source.js';
import { extractFacts } from './extract-facts.js';
import type { IndexingPorts } from './indexing-ports.js';
import { linkGraph } from './link-graph.js';
import { observedSteps } from './observed-steps.js';
import { publishSnapshot } from './publish-snapshot.js';
import { recordSnapshot } from './record-snapshot.js';
import { releaseSource } from './release-source.js';
import { retireSnapshots } from './retire-snapshots.js';
import type { Steps } from './steps.js';
import { undoStep } from './undo-step.js';

/** The stages of indexing over the given ports, each run where it is called, and traced and measured if the ports say by what. */
export function inProcessSteps(ports: IndexingPorts): Steps {
  const steps: Steps = {
    acquire: (input, context) => acquireSource(ports, input, context),
    extract: (input, context) => extractFacts(ports, input, context),
    link: (input, context) => linkGraph(ports, input, context),
    publish: (input, context) => publishSnapshot(ports, input, context),
    record: (input, context) => recordSnapshot(ports, input, context),
    retire: (input, context) => retireSnapshots(ports, input, context),
    undo: (input, context) => undoStep(ports, input, context),
    release: (input, context) => releaseSource(ports, input, context),
  };
  return ports.telemetry === undefined ? steps : observedSteps(steps, ports.telemetry);
}
