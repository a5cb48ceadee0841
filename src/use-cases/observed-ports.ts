import { CodeloomError } from '../domain/errors.js';
import { aroundCalls, type Around } from '../domain/ports/around-calls.js';
import { PORT_METHODS } from '../domain/ports/port-methods.js';
import type { Telemetry } from '../domain/ports/telemetry.js';
import type { IndexingPorts } from './indexing-ports.js';

/** The ports of indexing, each call of stores and Git traced and measured. */
export function observedPorts(ports: IndexingPorts, telemetry: Telemetry): IndexingPorts {
  const observed = (port: string): Around => observing(port, telemetry);
  return {
    ...ports, telemetry,
    gitHost: aroundCalls(ports.gitHost, PORT_METHODS.gitHost, observed('git')),
    factStore: aroundCalls(ports.factStore, PORT_METHODS.factStore, observed('fact-store')),
    graphStore: aroundCalls(ports.graphStore, PORT_METHODS.graphStore, observed('graph-store')),
    metadataStore: aroundCalls(ports.metadataStore, PORT_METHODS.metadataStore, observed('metadata-store')),
  };
}

/** Traces, times and counts the failures of calls of a port. */
export function observing(port: string, telemetry: Telemetry): Around {
  return ({ method, streams }, work) => telemetry.span({ name: `codeloom.${port}.${method}` }, async () => {
    const begun = performance.now();
    try {
      return await work();
    } catch (error) {
      const { code } = CodeloomError.from(error);
      if (code !== 'aborted') telemetry.add('codeloom_port_errors_total', { port, method, code });
      throw error;
    } finally {
      // A stream takes as long as its reader.
      if (!streams) telemetry.observe('codeloom_port_call_seconds', { port, method }, (performance.now() - begun) / 1000);
    }
  });
}
