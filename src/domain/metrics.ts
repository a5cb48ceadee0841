/** What is measured, in the names and units of Prometheus; docs/operations.md says what to make of each. No label holds a repository: their number has no bound. */
export const METRICS = {
  codeloom_runs_total: { kind: 'counter', help: 'Runs that ended, by how; code is empty unless they failed', labels: ['status', 'code'] },
  codeloom_run_seconds: { kind: 'histogram', help: 'How long runs took, whatever they waited for included', labels: ['status'], buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600] },
  codeloom_last_success_timestamp_seconds: { kind: 'gauge', help: 'When a run last ended well, in seconds since 1970', labels: [] },
  codeloom_stage_seconds: { kind: 'histogram', help: 'How long attempts at a stage took', labels: ['stage', 'outcome'], buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300] },
  codeloom_stage_retries_total: { kind: 'counter', help: 'Further attempts at a stage, by what the attempt before failed with', labels: ['stage', 'code'] },
  codeloom_files_total: { kind: 'counter', help: 'Contents of files that were parsed, or whose facts were there', labels: ['how'] },
  codeloom_call_sites_total: { kind: 'counter', help: 'Call sites of the snapshots that were linked, by verdict', labels: ['verdict'] },
  codeloom_port_call_seconds: { kind: 'histogram', help: 'How long calls of stores, Git and code hosts took; streams are left out', labels: ['port', 'method'], buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60] },
  codeloom_port_errors_total: { kind: 'counter', help: 'Calls of stores, Git and code hosts that failed, by code', labels: ['port', 'method', 'code'] },
  codeloom_circuit_open: { kind: 'gauge', help: '1 while calls are refused because those before them failed', labels: ['port'] },
  codeloom_queue_runs: { kind: 'gauge', help: 'Branches of codeloom serve that are being indexed, or wait for it', labels: ['state'] },
  codeloom_deliveries_total: { kind: 'counter', help: 'Deliveries of webhooks, by sender and what became of them', labels: ['host', 'result'] },
  codeloom_notifications_total: { kind: 'counter', help: 'Notifications: sent, tried again, put aside after the last attempt, dropped because too many waited', labels: ['channel', 'result'] },
  codeloom_dead_letters: { kind: 'gauge', help: 'Notifications that were put aside and not sent again yet', labels: [] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export interface MetricDefinition {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, in seconds. */
  readonly buckets?: readonly number[];
}

export type MetricName = keyof typeof METRICS;
export type CounterName = { [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends 'counter' ? Name : never }[MetricName];
export type HistogramName = { [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends 'histogram' ? Name : never }[MetricName];
export type GaugeName = { [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends 'gauge' ? Name : never }[MetricName];

/** A value for each label of a metric. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>;

/** As OpenTelemetry writes names: `codeloom.stage.seconds`. */
export function dottedName(name: MetricName): string {
  return name.replace(/_total$/, '').replaceAll('_', '.');
}
