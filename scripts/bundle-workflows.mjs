// Bundles what Temporal runs in its sandbox into dist/temporal, so that a worker starts in seconds and without a compiler. The file beside it says for which version of the
// SDK: a worker of another bundles anew (src/adapters/temporal/worker.ts).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { IN_WORKFLOWS, root } from './shipped-packages.mjs';

const { code } = await bundleWorkflowCode({
  workflowsPath: join(root, 'dist/adapters/temporal/workflows.js'),
  // It exports them itself.
  workflowInterceptorModules: [join(root, 'dist/adapters/temporal/workflows.js')],
  logger: new DefaultLogger('WARN'),
  // Only what is used of zod and the like; readable, because stack traces of a run that is stuck point into it.
  webpackConfigHook: (config) => ({
    ...config, context: root, mode: 'production',
    // The SDK wants a map inside. Without the texts, and with paths of the package rather than of the machine that built it.
    devtool: 'inline-nosources-source-map', output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
    optimization: { ...config.optimization, minimize: false, concatenateModules: false, moduleIds: 'named' },
  }),
});
// Their licences are shipped: see third-party-notices.mjs.
const copied = new Set([...code.matchAll(/^\/\*\*\*\/ "[^"\n]*node_modules\/((?:@[^/"]+\/)?[^/"]+)\//gm)].map(([, name]) => name));
const unnamed = [...copied].filter((name) => !IN_WORKFLOWS.includes(name));
if (unnamed.length > 0) throw new Error(`The code of workflows holds parts of ${unnamed.join(', ')}: name them in scripts/shipped-packages.mjs.`);
const out = join(root, 'dist/temporal');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'workflows.js'), code);
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/@temporalio/worker/package.json'), 'utf8'));
writeFileSync(join(out, 'workflows.js.json'), `${JSON.stringify({ sdk: version })}\n`);
