/** Metrics for Prometheus. Needs the package `prom-client`, which is not installed with codeloom. What is measured is in docs/operations.md. */
export { createPrometheusTelemetry, type PrometheusOptions, type PrometheusTelemetry } from './adapters/prometheus/telemetry.js';
