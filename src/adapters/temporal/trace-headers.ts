import type { Headers } from '@temporalio/common';
import { proxySinks, workflowInfo, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { TRACE_HEADER, traceOf, traceHeader, type TraceCarrier } from './trace-carrier.js';

/** What workers are told of workflows that have ended, to trace them. */
export interface WorkflowSpanSinks extends Sinks {
  readonly codeloomSpans: {
    ended(span: WorkflowSpan): void;
  };
}

export interface WorkflowSpan {
  readonly carrier: TraceCarrier;
  readonly workflow: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed: boolean;
}

/**
 * Hands the trace that a workflow was started in to everything that it starts. One that nobody traced has a trace of its own: its id is that of the run, without dashes.
 * Headers decide nothing, so that histories without them are replayed as they were.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let headers: Headers = {};
  return {
    inbound: [{
      async execute(input, next) {
        const { runId, workflowType: workflow, startTime } = workflowInfo();
        const carrier = traceOf(input.headers) ?? { traceparent: `00-${runId.replaceAll('-', '')}-${runId.replaceAll('-', '').slice(0, 16)}-01` };
        headers = { [TRACE_HEADER]: traceHeader(carrier) };
        const ended = (failed: boolean): void => {
          if (!workflowInfo().unsafe.isReplaying) proxySinks<WorkflowSpanSinks>().codeloomSpans.ended({ carrier, workflow, startedAt: startTime.getTime(), endedAt: Date.now(), failed });
        };
        try {
          const result = await next(input);
          ended(false);
          return result;
        } catch (error) {
          ended(!(error instanceof Error && error.name === 'ContinueAsNew'));
          throw error;
        }
      },
    }],
    outbound: [{
      scheduleActivity: (input, next) => next({ ...input, headers: { ...input.headers, ...headers } }),
      startChildWorkflowExecution: (input, next) => next({ ...input, headers: { ...input.headers, ...headers } }),
      continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...headers } }),
    }],
  };
};
