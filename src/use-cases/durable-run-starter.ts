import type { DurableRunRequest, DurableRuns } from '../domain/ports/durable-runs.js';
import type { RunStarter } from '../domain/ports/run-starter.js';

/** A {@link RunStarter} whose runs outlive this process: what is pushed is kept by the workflow engine, and done by whatever worker there is. `how`: what every run is asked with. */
export function durableRunStarter(runs: DurableRuns, how: Pick<DurableRunRequest, 'languages' | 'include' | 'exclude' | 'maxFileBytes' | 'retention'> = {}): RunStarter {
  return {
    async push({ repository, branch, commit }, options) {
      const { id: repositoryId, name, location: url, installation } = repository;
      const { status } = await runs.push({ ...how, repositoryId, name, url, branch, commit, installation }, options);
      return { status };
    },
    async retire(target, options) {
      return { retired: await runs.retire(target, options) };
    },
    close: () => runs.close(),
  };
}
