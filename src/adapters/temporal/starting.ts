import type { SearchAttributePair } from '@temporalio/common';
import type { CallOptions } from '../../domain/ports/call-options.js';
import type { DurableRunRequest } from '../../domain/ports/durable-runs.js';
import type { RunInput } from './contract.js';
import type { TemporalRunsOptions } from './runs.js';

/** What starting needs, for runs and for schedules. */
export interface Starting {
  readonly taskQueue: string;
  input(request: DurableRunRequest): RunInput;
  attributes(input: RunInput): SearchAttributePair[] | undefined;
  /** Runs a call of the client; its failure becomes a CodeloomError. */
  calling<T>(work: () => Promise<T>, options?: CallOptions): Promise<T>;
}

/** The input of a workflow for a request, as it goes over the wire. */
export function inputOf(request: DurableRunRequest, { searchAttributes, fanOutFrom, shardsInFlight, heartbeatSeconds }: Omit<TemporalRunsOptions, 'temporal'>): unknown {
  const { repositoryId, name, url, branch, commit, installation, languages, include, exclude, maxFileBytes, retention } = request;
  const options = {
    languages, include, exclude, max_file_bytes: maxFileBytes, retention,
    search_attributes: searchAttributes === true ? true : undefined, fan_out_from: fanOutFrom, shards_in_flight: shardsInFlight, heartbeat_seconds: heartbeatSeconds,
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return {
    installation_id: installation ?? null, github_repo_name: name, repo_id: repositoryId, default_branch: branch, repo_url: url,
    ...(commit === undefined ? {} : { commit }), ...(Object.keys(given).length === 0 ? {} : { options: given }),
  };
}
